package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.SourceFacts.ForeignKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The statements that add, describe, check and drop a foreign key. */
final class ForeignKeys {
  private ForeignKeys() {}

  /** The statements that give foreign keys their comments, by the keys' OIDs. */
  static Map<Long, String> comments(Connection connection) throws SQLException {
    var comments = new HashMap<Long, String>();
    Sql.query(
        connection,
        """
        SELECT k.oid::int8, n.nspname, c.relname, k.conname, d.description
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_description d
          ON d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0
        WHERE k.contype = 'f'
        """,
        row ->
            comments.put(
                row.getLong(1),
                " COMMENT ON CONSTRAINT %s ON %s IS %s;"
                    .formatted(
                        Quoting.identifier(row.getString(4)),
                        new QualifiedName(row.getString(2), row.getString(3)).sql(),
                        Quoting.literal(row.getString(5)))));
    return comments;
  }

  /** Adds it as the source has it. */
  static String adding(ForeignKey key) {
    return "ALTER TABLE "
        + (key.partitioned() ? "" : "ONLY ")
        + key.table().sql()
        + " ADD CONSTRAINT "
        + Quoting.identifier(key.name())
        + " "
        + key.definition()
        + ";";
  }

  /** Adds it without looking at the rows; {@link #validating} does that. */
  static String addingUnchecked(ForeignKey key) {
    String adding = adding(key);
    return key.valid() ? adding.substring(0, adding.length() - 1) + " NOT VALID;" : adding;
  }

  static String validating(ForeignKey key) {
    return "ALTER TABLE "
        + key.table().sql()
        + " VALIDATE CONSTRAINT "
        + Quoting.identifier(key.name())
        + ";";
  }

  static String dropping(ForeignKey key) {
    return "ALTER TABLE "
        + key.table().sql()
        + " DROP CONSTRAINT "
        + Quoting.identifier(key.name())
        + ";";
  }
}
