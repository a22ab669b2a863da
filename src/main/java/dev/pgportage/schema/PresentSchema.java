package dev.pgportage.schema;

import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.schema.SourceFacts.FiringMode;
import dev.pgportage.schema.SourceFacts.ForeignKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What has to be taken off a schema that the user made on the target, so that rows can be loaded
 * and applied as they are: triggers, rules and row security rest, and foreign keys are taken off
 * where the role may not switch them off for its session. Every taking off has an item that brings
 * it back, and stands in the resource ledger meanwhile. Keys and indexes stay.
 */
final class PresentSchema {
  private static final String PARKED = "PARKED ";

  private final PlanItems items = new PlanItems();
  private final List<Runnable> back = new ArrayList<>();

  private PresentSchema() {}

  static List<SchemaItem> items(Connection target, ObjectSet set, Mode mode) throws SQLException {
    var present = new PresentSchema();
    Set<QualifiedName> tables =
        set.tables().stream().map(ObjectSet.Member::name).collect(Collectors.toSet());
    for (FiringMode firing : SourceFacts.modes(target)) {
      if (tables.contains(firing.table()) && firing.mode() != 'D') {
        present.rest(firing);
      } else if (set.table(firing.table()).flatMap(Table::partitionRoot).isPresent()) {
        present.bring(firing);
      }
    }
    for (Table table : CatalogReader.read(target).tables()) {
      if (tables.contains(table.name()) && table.rowSecurity()) {
        present.unguard(table.name());
      }
    }
    if (!mayReplicate(target)) {
      for (ForeignKey key : SourceFacts.foreignKeys(target)) {
        if (tables.contains(key.table()) || tables.contains(key.referenced())) {
          present.takeOff(key, ServerVersion.of(target).isAtLeast(18));
        }
      }
    }
    if (mode == Mode.TRUNCATE) {
      present.empty(set);
    }
    present.back.forEach(Runnable::run);
    return present.items.all();
  }

  /** The item that brings back what an item takes off, if it takes something off. */
  static Optional<SchemaItem> restoring(SchemaPlan plan, SchemaItem item) {
    return item.kind().startsWith(PARKED)
        ? plan.items().stream()
            .filter(other -> other.kind().equals(item.kind().substring(PARKED.length())))
            .filter(other -> other.name().equals(item.name()))
            .findFirst()
        : Optional.empty();
  }

  /** Whether an item may bring something back. */
  static boolean mayRestore(SchemaPlan plan, SchemaItem item) {
    return plan.items().stream()
        .anyMatch(
            other -> other.kind().equals(PARKED + item.kind()) && other.name().equals(item.name()));
  }

  private void rest(FiringMode firing) {
    String kind = firing.rule() ? "RULE MODE" : "TRIGGER MODE";
    park(kind, firing.table(), firing.table() + " " + firing.name(), firing.disablingSql());
    bring(firing);
  }

  /** A partition's trigger that never fires must rest again when its table's has come back. */
  private void bring(FiringMode firing) {
    bring(
        firing.rule() ? "RULE MODE" : "TRIGGER MODE",
        firing.table(),
        firing.table() + " " + firing.name(),
        Stage.OPENING,
        firing.sql());
  }

  private void unguard(QualifiedName table) {
    String alter = "ALTER TABLE " + table.sql();
    park("ROW SECURITY", table, table.toString(), alter + " DISABLE ROW LEVEL SECURITY;");
    bring(
        "ROW SECURITY",
        table,
        table.toString(),
        Stage.OPENING,
        alter + " ENABLE ROW LEVEL SECURITY;");
  }

  private void takeOff(ForeignKey key, boolean partitionedMayWait) {
    String name = key.table() + " " + key.name();
    boolean waits =
        key.valid() && (partitionedMayWait || (!key.partitioned() && !key.referencedPartitioned()));
    park("FK CONSTRAINT", key.table(), name, ForeignKeys.dropping(key));
    bring(
        "FK CONSTRAINT",
        key.table(),
        name,
        Stage.FOREIGN_KEYS,
        waits ? ForeignKeys.addingUnchecked(key) : ForeignKeys.adding(key));
    if (waits) {
      bring("FK VALIDATION", key.table(), name, Stage.VALIDATION, ForeignKeys.validating(key));
    }
  }

  private void empty(ObjectSet set) {
    String names =
        set.rowHolders().stream()
            .map(member -> "ONLY " + member.name().sql())
            .collect(Collectors.joining(", "));
    items.add(
        "TRUNCATE",
        "all tables",
        Optional.empty(),
        Verdict.rewrite(
            Stage.PRE_DATA, "schema.mode is truncate", "TRUNCATE TABLE " + names + ";"));
  }

  private void park(String kind, QualifiedName table, String name, String sql) {
    items.add(
        PARKED + kind,
        name,
        Optional.of(table),
        Verdict.rewrite(Stage.PRE_DATA, "is taken off while rows come, and brought back", sql));
  }

  private void bring(String kind, QualifiedName table, String name, Stage stage, String sql) {
    back.add(
        () ->
            items.add(
                kind, name, Optional.of(table), Verdict.defer(stage, "is brought back", sql)));
  }

  private static boolean mayReplicate(Connection connection) throws SQLException {
    try {
      Sql.execute(connection, "SET session_replication_role = replica");
      Sql.execute(connection, "RESET session_replication_role");
      return true;
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.INSUFFICIENT_PRIVILEGE)) {
        return false;
      }
      throw e;
    }
  }
}
