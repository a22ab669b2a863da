package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Schema;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What has to be taken off a schema that the user made on the target, so that rows can be loaded
 * and applied as they are: triggers, rules and row security rest, and foreign keys are taken off
 * where the role may not switch them off for its session. What {@code schema.park} names is taken
 * off too, since rows come faster without it. Every taking off has an item that brings it back, and
 * stands in the resource ledger meanwhile. Keys stay.
 */
final class PresentSchema {
  private static final String PARKED = "PARKED ";
  private static final String FOREIGN_KEY = "FK CONSTRAINT";
  private static final String FOREIGN_KEY_CHECK = "FK VALIDATION";

  private final PlanItems items = new PlanItems();
  private final List<Runnable> back = new ArrayList<>();

  private PresentSchema() {}

  static List<SchemaItem> items(
      Connection source, Connection target, ObjectSet set, Schema settings) throws SQLException {
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
    List<Table> there = CatalogReader.read(target).tables();
    for (Table table : there) {
      if (tables.contains(table.name()) && table.rowSecurity()) {
        present.unguard(table.name());
      }
    }
    if (settings.park().foreignKeys() || !mayReplicate(target)) {
      present.takeOffForeignKeys(target, tables);
    }
    if (settings.park().indexes()) {
      PresentIndexes.of(target, set, there).forEach(present::takeOff);
    }
    if (settings.mode() == Mode.TRUNCATE) {
      present.empty(target, set, there);
    }
    present.back.forEach(Runnable::run);
    present.refresh(Matviews.toRefresh(source, target));
    return present.items.all();
  }

  /** The items that bring back what an item takes off, in their order; none if it takes nothing. */
  static List<SchemaItem> restoring(SchemaPlan plan, SchemaItem item) {
    return item.kind().startsWith(PARKED)
        ? plan.items().stream().filter(other -> isTakenOffBy(other, item)).toList()
        : List.of();
  }

  /** Whether an item may bring something back. */
  static boolean mayRestore(SchemaPlan plan, SchemaItem item) {
    return plan.items().stream().anyMatch(other -> isTakenOffBy(item, other));
  }

  /** A foreign key that comes back unchecked is back as it was once it is checked. */
  private static boolean isTakenOffBy(SchemaItem item, SchemaItem parking) {
    String kind = item.kind().equals(FOREIGN_KEY_CHECK) ? FOREIGN_KEY : item.kind();
    return parking.kind().equals(PARKED + kind) && parking.name().equals(item.name());
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

  private void takeOff(PresentIndexes.Index index) {
    String name = index.name().toString();
    if (index.stays().isPresent()) {
      items.add(
          "INDEX",
          name,
          Optional.of(index.table()),
          Verdict.skip("stays while rows come: " + index.stays().get()));
      return;
    }
    park("INDEX", index.table(), name, "DROP INDEX " + index.name().sql() + ";");
    bring("INDEX", index.table(), name, Stage.INDEXES, index.definition() + ";");
  }

  private void takeOffForeignKeys(Connection target, Set<QualifiedName> tables)
      throws SQLException {
    boolean partitionedMayWait = ServerVersion.of(target).isAtLeast(18);
    Map<Long, String> comments = ForeignKeys.comments(target);
    for (ForeignKey key : SourceFacts.foreignKeys(target)) {
      if (tables.contains(key.table()) || tables.contains(key.referenced())) {
        takeOff(key, comments.getOrDefault(key.oid(), ""), partitionedMayWait);
      }
    }
  }

  private void takeOff(ForeignKey key, String comment, boolean partitionedMayWait) {
    String name = key.table() + " " + key.name();
    boolean waits =
        key.valid() && (partitionedMayWait || (!key.partitioned() && !key.referencedPartitioned()));
    park(FOREIGN_KEY, key.table(), name, ForeignKeys.dropping(key));
    bring(
        FOREIGN_KEY,
        key.table(),
        name,
        Stage.FOREIGN_KEYS,
        (waits ? ForeignKeys.addingUnchecked(key) : ForeignKeys.adding(key)) + comment);
    if (waits) {
      bring(FOREIGN_KEY_CHECK, key.table(), name, Stage.VALIDATION, ForeignKeys.validating(key));
    }
  }

  /**
   * One statement for all, since tables that foreign keys tie together go together; partitions by
   * their root where the set holds all of them, since a root's keys refuse partitions alone.
   */
  private void empty(Connection target, ObjectSet set, List<Table> there) throws SQLException {
    Set<QualifiedName> emptied =
        set.rowHolders().stream().map(ObjectSet.Member::name).collect(Collectors.toSet());
    Set<QualifiedName> partlyKept =
        there.stream()
            .filter(table -> table.holdsRows() && !emptied.contains(table.name()))
            .flatMap(table -> table.partitionRoot().stream())
            .collect(Collectors.toSet());
    var names = new TreeSet<String>();
    for (Table table : there) {
      if (emptied.contains(table.name())) {
        table
            .partitionRoot()
            .filter(root -> !partlyKept.contains(root))
            .ifPresentOrElse(
                root -> names.add(root.sql()), () -> names.add("ONLY " + table.name().sql()));
      }
    }
    requireNothingPointsAt(target, emptied, there);
    items.add(
        "TRUNCATE",
        "all tables",
        Optional.empty(),
        Verdict.rewrite(
            Stage.PRE_DATA,
            "schema.mode is truncate",
            "TRUNCATE TABLE " + String.join(", ", names) + ";"));
  }

  /** Rows that are not the migration's would point at rows that are no more. */
  private static void requireNothingPointsAt(
      Connection target, Set<QualifiedName> emptied, List<Table> there) throws SQLException {
    Set<QualifiedName> kept =
        there.stream()
            .filter(table -> table.holdsRows() && !emptied.contains(table.name()))
            .map(Table::name)
            .collect(Collectors.toSet());
    List<String> pointing =
        SourceFacts.foreignKeys(target).stream()
            .filter(key -> kept.contains(key.table()) && emptied.contains(key.referenced()))
            .map(key -> key.table() + " (" + key.name() + ") at " + key.referenced())
            .toList();
    if (!pointing.isEmpty()) {
      throw new MigrationException(
          ErrorCode.TARGET_NOT_EMPTY,
          "schema.mode is truncate, but tables that do not take part point at tables that do: "
              + String.join("; ", pointing),
          "Take them in with 'filters', or drop these foreign keys on the target.",
          null);
    }
  }

  private void refresh(List<QualifiedName> matviews) {
    for (QualifiedName matview : matviews) {
      items.add(
          "MATERIALIZED VIEW DATA",
          matview.toString(),
          Optional.of(matview),
          Verdict.defer(
              Stage.AFTER,
              "is computed from the target's rows",
              "REFRESH MATERIALIZED VIEW " + matview.sql() + ";"));
    }
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
