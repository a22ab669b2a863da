package dev.pgportage.ddl;

import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.ddl.Shape.ColumnShape;
import dev.pgportage.ddl.Shape.ObjectShape;
import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Catalog;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads how the source looks now, by queries alone: nothing is installed there. Stateless. */
public final class ShapeReader {
  /**
   * What one snapshot of the source's catalog tells.
   *
   * @param objects what the filters select now
   * @param shape what that looks like
   * @param idleFilters which filters select nothing any more, and why
   */
  public record Reading(ObjectSet objects, Shape shape, List<String> idleFilters) {}

  private record Attribute(long table, ColumnShape column) {}

  private ShapeReader() {}

  /**
   * Reads the catalog.
   *
   * @param source in auto-commit mode
   * @param largeObjects whether large objects belong to the migration
   */
  public static Reading read(Connection source, Filters filters, boolean largeObjects)
      throws SQLException {
    source.setAutoCommit(false);
    try {
      Sql.execute(source, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      Catalog catalog = CatalogReader.read(source);
      ObjectSet set = ObjectSets.follow(catalog, filters, largeObjects);
      Set<Long> wanted =
          set.tables().stream().map(member -> member.table().oid()).collect(Collectors.toSet());
      Map<Long, List<ColumnShape>> columns =
          Sql.query(source, ShapeQueries.COLUMNS, ShapeReader::attribute).stream()
              .filter(attribute -> wanted.contains(attribute.table))
              .collect(
                  Collectors.groupingBy(
                      Attribute::table,
                      Collectors.mapping(Attribute::column, Collectors.toList())));
      List<TableShape> tables =
          Sql.query(source, ShapeQueries.TABLES, row -> table(row, columns)).stream()
              .filter(table -> wanted.contains(table.oid()))
              .toList();
      List<ObjectShape> objects =
          Sql.query(source, ShapeQueries.OBJECTS, ShapeReader::object).stream()
              .filter(object -> object.table() == 0 || wanted.contains(object.table()))
              .toList();
      return new Reading(set, new Shape(tables, objects), ObjectSets.problems(catalog, filters));
    } finally {
      source.rollback();
      source.setAutoCommit(true);
    }
  }

  private static Attribute attribute(ResultSet row) throws SQLException {
    return new Attribute(
        row.getLong(1),
        new ColumnShape(
            row.getInt(2),
            row.getString(3),
            row.getString(4),
            row.getBoolean(5),
            Optional.ofNullable(row.getString(6)),
            row.getString(7),
            row.getString(8),
            Optional.ofNullable(row.getString(9)),
            row.getString(10),
            Optional.ofNullable(row.getString(11)),
            row.getBoolean(12),
            row.getBoolean(13)));
  }

  private static TableShape table(ResultSet row, Map<Long, List<ColumnShape>> columns)
      throws SQLException {
    String parent = row.getString(6);
    return new TableShape(
        row.getLong(1),
        new QualifiedName(row.getString(2), row.getString(3)),
        row.getBoolean(4),
        row.getLong(5),
        parent == null
            ? Optional.empty()
            : Optional.of(new QualifiedName(parent, row.getString(7))),
        Optional.ofNullable(row.getString(8)),
        row.getBoolean(9),
        List.of((String[]) row.getArray(10).getArray()),
        row.getString(11),
        row.getString(12),
        row.getString(13),
        row.getInt(14),
        columns.getOrDefault(row.getLong(1), List.of()));
  }

  private static ObjectShape object(ResultSet row) throws SQLException {
    return new ObjectShape(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getLong(6),
        row.getBoolean(7),
        row.getString(8));
  }
}
