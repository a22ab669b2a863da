package dev.pgportage.discovery;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;

/**
 * How much there is of what the migration carries.
 *
 * @param tables how many tables hold rows
 * @param rows the planner's estimate of all rows
 * @param neverAnalyzed how many tables with contents the planner knows nothing of
 * @param heap bytes of the tables themselves
 * @param toast bytes of large values kept apart, their indexes included
 * @param indexes bytes of indexes
 * @param indexCount how many indexes there are
 * @param largeObjects bytes of the catalog that holds all large objects; 0 if none are carried
 * @param largest the largest tables, indexes and TOAST included, the largest first
 */
public record Sizes(
    int tables,
    long rows,
    int neverAnalyzed,
    long heap,
    long toast,
    long indexes,
    long indexCount,
    long largeObjects,
    List<TableSize> largest) {
  private static final int LISTED = 25;

  /** Copies the list. */
  public Sizes {
    largest = List.copyOf(largest);
  }

  /**
   * A table's size on disk.
   *
   * @param table its name
   * @param rows the planner's estimate; negative if it was never analyzed
   * @param heap bytes of the table itself
   * @param toast bytes of large values kept apart
   * @param indexes bytes of its indexes
   */
  public record TableSize(QualifiedName table, long rows, long heap, long toast, long indexes) {
    /** All of it. */
    public long total() {
      return heap + toast + indexes;
    }
  }

  /** Bytes that are copied: rows and large values, indexes left out. */
  public long copied() {
    return heap + toast + largeObjects;
  }

  private static final String TABLES =
      """
      SELECT n.nspname, c.relname, c.reltuples::bigint,
        coalesce(pg_table_size(c.oid), 0) - coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0),
        coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0),
        coalesce(pg_indexes_size(c.oid), 0)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY (?::oid[])
      """;

  static Sizes of(Site site, ObjectSet objects) throws SQLException {
    Object oids = objects.rowHolders().stream().map(m -> m.table().oid()).toArray(Long[]::new);
    List<TableSize> sizes =
        Sql.query(
            site.connection(),
            TABLES,
            row ->
                new TableSize(
                    new QualifiedName(row.getString(1), row.getString(2)),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6)),
            oids);
    long indexes =
        Sql.queryLong(
            site.connection(),
            "SELECT count(*) FROM pg_index WHERE indrelid = ANY (?::oid[])",
            oids);
    return sum(sizes, indexes, objects.largeObjects() ? largeObjects(site) : 0);
  }

  private static long largeObjects(Site site) throws SQLException {
    return Sql.queryLong(
        site.connection(),
        """
        SELECT CASE WHEN EXISTS (SELECT FROM pg_largeobject_metadata)
          THEN pg_table_size('pg_largeobject') ELSE 0 END
        """);
  }

  private static Sizes sum(List<TableSize> sizes, long indexCount, long largeObjects) {
    return new Sizes(
        sizes.size(),
        sizes.stream().mapToLong(size -> Math.max(0, size.rows())).sum(),
        // Before 14, a table never analyzed has 0 rows rather than -1.
        (int) sizes.stream().filter(s -> s.rows() <= 0 && s.heap() > 0).count(),
        sizes.stream().mapToLong(TableSize::heap).sum(),
        sizes.stream().mapToLong(TableSize::toast).sum(),
        sizes.stream().mapToLong(TableSize::indexes).sum(),
        indexCount,
        largeObjects,
        sizes.stream()
            .sorted(
                Comparator.comparingLong(TableSize::total)
                    .reversed()
                    .thenComparing(TableSize::table))
            .limit(LISTED)
            .toList());
  }
}
