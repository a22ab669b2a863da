package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.Table.ReplicaIdentity;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What kind of tables there are, and which of them cannot be replicated. */
final class TableChecks {
  private static final String RECOPY_WHY =
      "They are copied once more while the writes are stopped, so their size makes the freeze"
          + " longer.";

  private TableChecks() {}

  static final Check REPLICA_IDENTITY =
      Check.named("replica-identity", "Primary Keys and Replica Identity", Side.SOURCE)
          .dms("postgres-check-pk", "table-with-no-primary-key-or-unique-constraint")
          .when(Scope.REPLICATES)
          .worst(Severity.WARNS)
          .passes("Every logged table has a replica identity.")
          .why(
              "In a publication, the application's UPDATE and DELETE on such a table would fail, so"
                  + " they are not published. "
                  + RECOPY_WHY)
          .fix(
              "Add a primary key, or `ALTER TABLE … REPLICA IDENTITY USING INDEX …` where a unique"
                  + " index over NOT NULL columns exists, or `ALTER TABLE … REPLICA IDENTITY FULL`.")
          .by(TableChecks::replicaIdentity);

  static final Check DEFERRABLE_KEY =
      Check.named("deferrable-key", "Deferrable Primary Keys", Side.SOURCE)
          .dms("postgres-check-pk-validity")
          .when(Scope.REPLICATES)
          .worst(Severity.WARNS)
          .passes("No primary key is deferrable on a table that relies on it as replica identity.")
          .why(
              "A deferrable key is no replica identity: the table counts as one without. "
                  + RECOPY_WHY)
          .fix("`ALTER TABLE … REPLICA IDENTITY FULL`, or make the key again NOT DEFERRABLE.")
          .by(TableChecks::deferrableKey);

  static final Check IDENTITY_FULL =
      Check.named("replica-identity-full", "REPLICA IDENTITY FULL", Side.SOURCE)
          .when(Scope.REPLICATES)
          .worst(Severity.INFORMS)
          .passes("No table is REPLICA IDENTITY FULL.")
          .why(
              "The WAL holds the whole former row of each UPDATE and DELETE: exact, but more WAL;"
                  + " and without a key on the target each change searches its row by all columns.")
          .fix("With a primary key: `ALTER TABLE … REPLICA IDENTITY DEFAULT`.")
          .by(TableChecks::identityFull);

  static final Check UNLOGGED =
      Check.named("unlogged-tables", "Unlogged Tables", Side.SOURCE)
          .when(Scope.REPLICATES)
          .worst(Severity.WARNS)
          .passes("No table is unlogged.")
          .why("Their changes are not in the WAL. " + RECOPY_WHY)
          .fix("`ALTER TABLE … SET LOGGED` (it writes the whole table), or leave it.")
          .by(TableChecks::unlogged);

  static final Check RECOPY_LIMIT =
      Check.named("recopy-limit", "Bytes Copied Again During the Freeze", Side.SOURCE)
          .when(Scope.REPLICATES)
          .passes(
              "Tables without a replica identity, unlogged tables and large objects together are"
                  + " not larger than `load.recopy_limit`.")
          .why("All of it is copied while the application may not write.")
          .fix("See the findings on those tables, or raise `load.recopy_limit`.")
          .by(TableChecks::recopyLimit);

  static final Check GENERATED =
      Check.named("generated-columns", "Generated Columns", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No column is generated.")
          .why("Their values are not copied: the target computes them again and they are compared.")
          .fix("Nothing to do; make sure the expression means the same on the target's version.")
          .by(TableChecks::generated);

  static final Check INHERITANCE =
      Check.named("inheritance", "Inherited Tables", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No table but partitions inherits from another.")
          .why("Each table's own rows are copied and replicated; none is copied twice.")
          .fix("Nothing to do.")
          .by(TableChecks::inheritance);

  static final Check OID_COLUMNS =
      Check.named("oid-columns", "Columns That Hold OIDs or Transaction Numbers", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No column is of type oid, reg*, xid, xid8, cid, tid or a snapshot type.")
          .why(
              "The numbers are carried as they are; what they point to has other numbers on the"
                  + " target (large objects keep theirs). reg* values travel as names.")
          .fix("Look whether the application relies on them.")
          .by(TableChecks::oidColumns);

  private static void replicaIdentity(Examination e) throws SQLException {
    Set<Long> deferrable = deferrableOids(e);
    Set<Long> none = noneChosen(e);
    for (Table table : e.objects().recopied()) {
      if (!table.unlogged() && !deferrable.contains(table.oid())) {
        e.found(
            Severity.WARNS,
            List.of(table.name().toString()),
            "Table %s (%s) has no replica identity; it is copied again during the freeze"
                .formatted(table.name(), Names.bytes(table.bytes())),
            List.of(identityFix(table, none)));
      }
    }
  }

  private static Remedy identityFix(Table table, Set<Long> none) {
    if (table.key().isEmpty()) {
      return identity(table, none, "FULL").noting("or add a primary key");
    }
    Table.Key key = table.key().get();
    return identity(
        table, none, key.primary() ? "DEFAULT" : "USING INDEX " + Quoting.identifier(key.index()));
  }

  /** Changes a replica identity, and gives back the former one, which was of no use. */
  private static Remedy identity(Table table, Set<Long> none, String wanted) {
    String rest = table.name().sql() + " REPLICA IDENTITY ";
    String former = none.contains(table.oid()) ? "NOTHING;" : "DEFAULT;";
    return Remedy.of(Side.SOURCE, Order.IDENTITY, "ALTER TABLE " + rest + wanted + ";")
        .safelyUndoneBy("ALTER TABLE IF EXISTS " + rest + former);
  }

  /** Tables for which somebody chose to have no replica identity. */
  private static Set<Long> noneChosen(Examination e) throws SQLException {
    return oids(e, "SELECT oid::int8 FROM pg_class WHERE relreplident = 'n' AND relkind = 'r'");
  }

  private static Set<Long> deferrableOids(Examination e) throws SQLException {
    return oids(
        e, "SELECT DISTINCT indrelid::int8 FROM pg_index WHERE indisprimary AND NOT indimmediate");
  }

  private static Set<Long> oids(Examination e, String sql) throws SQLException {
    return Set.copyOf(Sql.query(e.connection(), sql, row -> row.getLong(1)));
  }

  private static void deferrableKey(Examination e) throws SQLException {
    Set<Long> deferrable = deferrableOids(e);
    Set<Long> none = noneChosen(e);
    for (Table table : e.objects().recopied()) {
      if (!table.unlogged() && deferrable.contains(table.oid())) {
        e.found(
            Severity.WARNS,
            List.of(table.name().toString()),
            "The primary key of %s (%s) is deferrable; the table is copied again during the freeze"
                .formatted(table.name(), Names.bytes(table.bytes())),
            List.of(identity(table, none, "FULL")));
      }
    }
  }

  private static void identityFull(Examination e) {
    List<Table> full =
        e.objects().streamed().stream()
            .filter(table -> table.replicaIdentity() == ReplicaIdentity.FULL)
            .toList();
    inform(e, full, "REPLICA IDENTITY FULL: ");
  }

  private static void unlogged(Examination e) {
    for (Table table : e.objects().recopied()) {
      if (table.unlogged()) {
        e.found(
            Severity.WARNS,
            List.of(table.name().toString()),
            "Table %s (%s) is unlogged; it is copied again during the freeze"
                .formatted(table.name(), Names.bytes(table.bytes())),
            List.of(
                e.remedy(Order.OBJECTS, "ALTER TABLE " + table.name().sql() + " SET LOGGED;")
                    .noting("writes the whole table anew, locked")));
      }
    }
  }

  private static void recopyLimit(Examination e) throws SQLException {
    long limit = e.config().load().recopyLimit();
    long tables = e.objects().recopied().stream().mapToLong(Table::bytes).sum();
    long objects =
        e.objects().largeObjects() ? ReadingChecks.LargeObjects.of(e.connection()).carried() : 0;
    if (tables + objects > limit) {
      List<String> names = new ArrayList<>();
      e.objects().recopied().forEach(table -> names.add(table.name().toString()));
      if (objects > 0) {
        names.add("pg_largeobject");
      }
      e.found(
          Severity.BLOCKS,
          names,
          "%s would be copied during the freeze, more than load.recopy_limit (%s)"
              .formatted(Names.bytes(tables + objects), Names.bytes(limit)),
          "Give the tables a replica identity (see replica-identity, deferrable-key,"
              + " unlogged-tables), or raise load.recopy_limit.");
    }
  }

  private static void generated(Examination e) {
    List<Table> tables =
        e.objects().tables().stream()
            .map(member -> member.table())
            .filter(table -> table.columns().stream().anyMatch(Column::generated))
            .toList();
    inform(e, tables, "Generated columns in ");
  }

  private static void inheritance(Examination e) throws SQLException {
    Map<Long, Table> byOid =
        e.objects().rowHolders().stream()
            .collect(Collectors.toMap(member -> member.table().oid(), member -> member.table()));
    List<Table> children =
        Sql.query(
                e.connection(),
                """
                SELECT DISTINCT inhrelid::int8 FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
                WHERE NOT c.relispartition ORDER BY 1
                """,
                row -> row.getLong(1))
            .stream()
            .filter(byOid::containsKey)
            .map(oid -> Objects.requireNonNull(byOid.get(oid)))
            .toList();
    inform(e, children, "Inheriting tables: ");
  }

  private static void oidColumns(Examination e) throws SQLException {
    List<String> columns =
        Sql.query(
            e.connection(),
            """
            SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
            WHERE c.oid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
              AND (t.typnamespace = 'pg_catalog'::regnamespace
                   AND ltrim(t.typname, '_') ~ '^(oid|reg.*|xid8?|cid|tid|txid_snapshot|pg_snapshot)$'
                   OR t.typname = 'lo')
            ORDER BY n.nspname, c.relname, a.attnum
            """,
            row ->
                "%s.%s (%s)"
                    .formatted(
                        new QualifiedName(row.getString(1), row.getString(2)),
                        Quoting.identifierIfNeeded(row.getString(3)),
                        row.getString(4)),
            Names.array(e.objects().rowHolders().stream().map(m -> m.table().oid()).toList()));
    if (!columns.isEmpty()) {
      e.found(
          Severity.INFORMS,
          columns,
          Names.some(columns),
          "Look whether the application relies on these numbers.");
    }
  }

  private static void inform(Examination e, Collection<Table> tables, String start) {
    if (!tables.isEmpty()) {
      List<String> names = tables.stream().map(table -> table.name().toString()).toList();
      e.found(Severity.INFORMS, names, start + Names.some(names), "Nothing to do.");
    }
  }
}
