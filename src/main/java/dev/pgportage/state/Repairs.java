package dev.pgportage.state;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The repairs of a migration's target, each noted in the transaction that changes the rows: so what
 * takes it back can tell whether it was committed, and is taken back only once.
 */
public final class Repairs {
  private final String migration;

  /** Those of a migration. */
  public Repairs(String migration) {
    this.migration = migration;
  }

  /**
   * Notes a repair within its transaction.
   *
   * @param undo the file that takes it back
   * @param host where that is
   */
  public void note(
      Connection transaction, UUID id, List<QualifiedName> tables, String undo, String host)
      throws SQLException {
    Sql.update(
        transaction,
        """
        INSERT INTO pgportage.repair (id, migration, schema_names, table_names, undo, host)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        id,
        migration,
        tables.stream().map(QualifiedName::schema).toArray(String[]::new),
        tables.stream().map(QualifiedName::name).toArray(String[]::new),
        undo,
        host);
  }

  /** The tables of those that were taken back. */
  public Map<UUID, List<QualifiedName>> takenBack(Connection connection) throws SQLException {
    var all = new HashMap<UUID, List<QualifiedName>>();
    Sql.query(
        connection,
        """
        SELECT id, schema_names, table_names FROM pgportage.repair
        WHERE migration = ? AND undone_at IS NOT NULL
        """,
        row -> {
          var schemas = (String[]) row.getArray(2).getArray();
          var names = (String[]) row.getArray(3).getArray();
          return all.put(
              row.getObject(1, UUID.class),
              IntStream.range(0, schemas.length)
                  .mapToObj(i -> new QualifiedName(schemas[i], names[i]))
                  .toList());
        },
        migration);
    return all;
  }

  /**
   * The statement with which a script begins that takes a repair back: it fails if the repair was
   * not committed, or is taken back already, and ends what was proven of its tables.
   *
   * @param transaction the repair's, by its number
   */
  public String takingBack(UUID id, long transaction, List<QualifiedName> tables) {
    String names =
        tables.stream()
            .map(t -> "(%s, %s)".formatted(literal(t.schema()), literal(t.name())))
            .collect(Collectors.joining(", "));
    String deed =
        """
        DECLARE gone text := 'The repair was never committed, or is taken back already; nothing is undone';
        BEGIN
          IF to_regclass('pgportage.repair') IS NULL THEN
            IF txid_status(%1$d) <> 'committed' THEN
              RAISE EXCEPTION '%%', gone;
            END IF;
            RETURN;
          END IF;
          UPDATE pgportage.repair SET undone_at = now() WHERE id = '%2$s' AND undone_at IS NULL;
          IF NOT FOUND THEN
            RAISE EXCEPTION '%%', gone;
          END IF;
          DELETE FROM pgportage.validation
            WHERE migration = %3$s AND (schema_name, table_name) IN (%4$s);
          DELETE FROM pgportage.validation_kept
            WHERE migration = %3$s AND (schema_name, table_name) IN (%4$s);
          DELETE FROM pgportage.validation_part
            WHERE migration = %3$s AND (schema_name, table_name) IN (%4$s);
        END
        """
            .formatted(transaction, id, literal(migration), names);
    return "DO " + literal(deed) + ";\n";
  }

  private static String literal(String text) {
    return Quoting.literal(text);
  }
}
