package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet.Member;
import java.sql.SQLException;
import java.util.List;

/** How the source's tables hang together, and what of it is not carried. */
final class StructureChecks {
  private StructureChecks() {}

  static final Check KEY_TYPES =
      Check.named("foreign-key-types", "Foreign Keys Between Different Types", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("Every foreign key's columns have the types of those they refer to.")
          .why("Each check compares across types: it is slower to validate, and may use no index.")
          .fix("Give both columns one type; it is carried as it is.")
          .listsOfTables(
              "Foreign keys between different types: ",
              """
              SELECT format('%I.%I.%I', n.nspname, c.relname, k.conname)
              FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE k.contype = 'f' AND k.conrelid = ANY (?::oid[]) AND k.conparentid = 0
                AND EXISTS (
                  SELECT FROM unnest(k.conkey, k.confkey) AS p (own, other)
                  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.own
                  JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.other
                  WHERE a.atttypid <> b.atttypid)
              ORDER BY 1
              """);

  static final Check LEAVING_KEYS =
      Check.named("leaving-foreign-keys", "Foreign Keys That Leave the Filters", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("No foreign key joins a table within the filters with one outside of them.")
          .why("Such a foreign key cannot be made on the target: its other table is not there.")
          .fix("Include the other table in `filters`, or do without the foreign key.")
          .listsOfTables(
              "Not carried, since the table they refer to is outside of the filters: ",
              """
              SELECT format('%I.%I.%I to %I.%I', n.nspname, c.relname, k.conname,
                            m.nspname, d.relname)
              FROM (SELECT ?::oid[] AS oids) AS wanted
              JOIN pg_constraint k ON k.conrelid = ANY (wanted.oids)
                AND k.confrelid <> ALL (wanted.oids)
              JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace
              WHERE k.contype = 'f' ORDER BY 1
              """);

  static final Check DUPLICATE_INDEXES =
      Check.named("duplicate-indexes", "Indexes That Repeat Another", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No two indexes of a table are the same.")
          .why("Each is built on the target and kept up by every change applied.")
          .fix("`DROP INDEX CONCURRENTLY …` for all but one.")
          .listsOfTables(
              "Indexes that repeat another: ",
              """
              SELECT format('%I.%I', n.nspname, i.relname)
              FROM (SELECT x.*, row_number() OVER (
                      PARTITION BY indrelid, indkey::text, indclass::text, indcollation::text,
                        indoption::text, pg_get_expr(indexprs, indrelid),
                        pg_get_expr(indpred, indrelid), am.relam
                      ORDER BY indisprimary DESC, indisunique DESC, indexrelid) AS place
                    FROM pg_index x JOIN pg_class am ON am.oid = x.indexrelid
                    WHERE x.indrelid = ANY (?::oid[]) AND x.indisvalid) AS x
              JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
              WHERE x.place > 1 AND NOT x.indisprimary
                AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)
              ORDER BY 1
              """);

  static final Check TABLESPACES =
      Check.named("tablespaces", "Tablespaces", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("Every table and index lies in the database's own tablespace.")
          .why("Tablespaces belong to the server's disks: on the target all is in its default one.")
          .fix("Nothing to do, or `ALTER TABLE … SET TABLESPACE …` on the target afterwards.")
          .lists(
              "In a tablespace of its own: ",
              """
              SELECT format('%I.%I (%I)', n.nspname, c.relname, t.spcname)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_tablespace t ON t.oid = c.reltablespace
              WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1
              """);

  static final Check SECURITY_LABELS =
      Check.named("security-labels", "Security Labels", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("No object has a security label.")
          .why("Labels belong to a provider (an extension's module) and are not carried.")
          .fix("`SECURITY LABEL …` on the target, if it has the provider.")
          .lists(
              "Labels: ",
              """
              SELECT DISTINCT format('%s on %s %s', provider, objtype, objname)
              FROM pg_seclabels ORDER BY 1
              """);

  static final Check REPLICATION_OBJECTS =
      Check.named("publications-subscriptions", "Publications and Subscriptions", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("The source's database has no publication but the migration's, no subscription.")
          .why(
              "They are not carried: whoever reads from or writes to the source must be led to the"
                  + " target at the cutover.")
          .fix(
              "Create the publications on the target and point their readers (replicas, Debezium,"
                  + " warehouses) there after the cutover.")
          .by(StructureChecks::replicationObjects);

  static final Check POSTGIS =
      Check.named("postgis-columns", "PostGIS Columns", Side.SOURCE)
          .dms("postgres-check-postgis-data-type")
          .worst(Severity.INFORMS)
          .passes("No column is of a type of PostGIS.")
          .why("They are carried as text, exactly; the target needs PostGIS itself.")
          .fix("Nothing to do if the check of extensions passes.")
          .listsOfTables(
              "Columns: ",
              """
              SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname)
              FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
              WHERE c.oid = ANY (?::oid[]) AND NOT a.attisdropped
                AND ltrim(t.typname, '_') IN ('geometry', 'geography', 'raster', 'topogeometry')
              ORDER BY 1
              """);

  static final Check SIMILAR_NAMES =
      Check.named("similar-names", "Tables Whose Names Differ by Case Alone", Side.SOURCE)
          .dms("postgres-check-similar-table-name")
          .worst(Severity.INFORMS)
          .passes("No two tables have names that differ by upper and lower case alone.")
          .why("pgportage tells them apart; filters, scripts and people may not.")
          .fix("Nothing to do.")
          .listsOfTables(
              "Differ by case alone: ",
              """
              SELECT format('%I.%I', n.nspname, c.relname)
              FROM (SELECT *, count(*) OVER (PARTITION BY relnamespace, lower(relname)) AS namesakes
                    FROM pg_class WHERE oid = ANY (?::oid[])) AS c
              JOIN pg_namespace n ON n.oid = c.relnamespace WHERE namesakes > 1 ORDER BY 1
              """);

  static final Check LOCKS =
      Check.named("lock-space", "Room for the Locks of a Dump", Side.SOURCE)
          .code(ErrorCode.PG_DUMP_FAILED)
          .passes(
              "The tables are fewer than the locks the server has room for: max_locks_per_transaction"
                  + " × (max_connections + max_prepared_transactions).")
          .why("pg_dump locks every table at once, against DDL, while it reads the schema.")
          .fix("Raise `max_locks_per_transaction` (restart).")
          .by(StructureChecks::locks);

  static final Check TARGET_INDEXES =
      Check.named("target-indexes", "Indexes That Slow the Load", Side.TARGET)
          .dms("postgres-check-target-secondary-indexes")
          .when(Scope.EXISTING)
          .worst(Severity.INFORMS)
          .passes("The migration's tables on the target have no index but their primary keys.")
          .why(
              "Every row loaded is put into every index that is there: slower than to build it once.")
          .fix("`schema.park: indexes` has pgportage drop them and make them again after the load.")
          .by(StructureChecks::targetIndexes);

  private static void replicationObjects(Examination e) throws SQLException {
    List<String> names =
        e.texts(
            """
            SELECT format('publication %I', pubname) FROM pg_publication WHERE pubname <> ALL (?)
            UNION ALL
            SELECT format('subscription %I', subname) FROM pg_subscription
            WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            ORDER BY 1
            """,
            Names.texts(e.context().replication().publications()));
    if (!names.isEmpty()) {
      e.found(
          Severity.WARNS,
          names,
          "Not carried: " + Names.some(names),
          "Create publications on the target and lead their readers there after the cutover.");
    }
  }

  private static void locks(Examination e) throws SQLException {
    long room =
        e.number("max_locks_per_transaction").orElse(64L)
            * (e.number("max_connections").orElse(100L)
                + e.number("max_prepared_transactions").orElse(0L));
    long tables =
        Sql.queryLong(e.connection(), "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')");
    if (tables > room) {
      e.found(
          Severity.BLOCKS,
          List.of("max_locks_per_transaction"),
          "%d tables are to be locked, and there is room for %d locks".formatted(tables, room),
          "Raise max_locks_per_transaction to %d or more (restart)."
              .formatted(64 * (tables / room + 1)));
    }
  }

  private static void targetIndexes(Examination e) throws SQLException {
    NameArrays names = NameArrays.of(e.objects().tables().stream().map(Member::name).toList());
    List<String> indexes =
        e.texts(
            """
            SELECT format('%I.%I', n.nspname, i.relname)
            FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            JOIN pg_namespace n ON n.nspname = w.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
            JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
            WHERE NOT x.indisprimary ORDER BY 1
            """,
            names.schemas(e.connection()), names.names(e.connection()));
    if (!indexes.isEmpty()) {
      e.found(
          Severity.INFORMS,
          indexes,
          "Secondary indexes: " + Names.some(indexes),
          "schema.park: indexes has pgportage drop them and make them again after the load.");
    }
  }
}
