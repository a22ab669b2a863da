package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.state.Run;
import dev.pgportage.state.SchemaScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Decides what is done with the source's schema: dumps it once with pg_dump, classifies every entry
 * of the archive, and keeps the outcome in the state.
 *
 * <p>Filters work by selecting entries of the one archive, not by pg_dump's own options: types,
 * functions and views that no left-out table is needed for are carried whatever the filters say.
 * Only tables that are left out and that the role may not lock are left out of the dump itself.
 */
public final class SchemaPlanner {
  private final Database source;
  private final Database target;
  private final MigrationConfig.Schema choices;

  /** A planner between two databases. */
  public SchemaPlanner(Database source, Database target, MigrationConfig.Schema choices) {
    this.source = source;
    this.target = target;
    this.choices = choices;
  }

  /** The same, where none was drafted before. */
  public SchemaPlan resume(Run run, ObjectSet set) {
    return resume(run, set, Optional.empty());
  }

  /**
   * The migration's plan: the kept one, or a new one that is kept at once.
   *
   * @param drafted one that was made a moment ago, to be taken instead of a new one
   * @throws MigrationException PG_DUMP_MISSING, PG_DUMP_TOO_OLD, PG_DUMP_FAILED,
   *     SCHEMA_OBJECT_BLOCKED
   */
  public SchemaPlan resume(Run run, ObjectSet set, Optional<SchemaPlan> drafted) {
    var script = new SchemaScript(run);
    try (Connection connection = target.open("schema")) {
      List<SchemaScript.Line> lines = script.read(connection);
      SortedMap<String, String> structure = script.structure(connection);
      if (!structure.isEmpty()) {
        return new SchemaPlan(lines.stream().map(SchemaPlanner::itemOf).toList(), structure);
      }
      SchemaPlan plan = drafted.isPresent() ? drafted.get() : draft(set);
      plan.requireUnblocked();
      connection.setAutoCommit(false);
      script.save(
          connection, plan.items().stream().map(SchemaPlanner::lineOf).toList(), plan.structure());
      connection.commit();
      return plan;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping the plan of the schema");
    }
  }

  /**
   * Replaces the kept plan by a newer one.
   *
   * @param transaction on the target; what it also holds and this plan are kept together
   */
  public static void replace(Connection transaction, Run run, SchemaPlan plan) throws SQLException {
    plan.requireUnblocked();
    new SchemaScript(run)
        .save(
            transaction,
            plan.items().stream().map(SchemaPlanner::lineOf).toList(),
            plan.structure());
  }

  /** A plan as it would be made now; nothing is kept, and blocked items are in it. */
  public SchemaPlan draft(ObjectSet set) {
    return choices.mode() == MigrationConfig.Schema.Mode.MANAGED ? dumped(set) : present(set);
  }

  private SchemaPlan dumped(ObjectSet set) {
    try (Connection connection = source.open("schema")) {
      connection.setAutoCommit(false);
      Sql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      String snapshot = Sql.queryText(connection, "SELECT pg_export_snapshot()").orElseThrow();
      var facts = SourceFacts.read(connection, set);
      var structure = Structure.read(connection, names(set));
      PgDump program = PgDump.find(System.getenv(), ServerVersion.of(connection));
      List<TocEntry> entries =
          Archive.read(
              program.dump(
                  source.endpoint(),
                  snapshot,
                  facts.hidden().stream().map(QualifiedName::sql).toList()));
      var classifier = new Classifier(set, facts, target(entries), access(connection, facts));
      List<SchemaItem> items = classifier.classify(entries);
      structure.putAll(leftOut(connection, classifier.leftOut()));
      connection.rollback();
      return new SchemaPlan(items, structure);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the schema of the source");
    }
  }

  private Access access(Connection connection, SourceFacts facts) throws SQLException {
    try (Connection there = target.open("schema")) {
      boolean wanted = choices.roles() == MigrationConfig.Schema.Roles.CARRY;
      return new Access(
          choices,
          wanted ? RoleFacts.source(connection) : RoleFacts.Source.none(),
          RoleFacts.target(there),
          facts.policyRoles());
    }
  }

  private static SortedMap<String, String> leftOut(
      Connection connection, Map<SourceFacts.ObjectId, String> objects) throws SQLException {
    var names = new TreeMap<String, String>();
    List<Map.Entry<SourceFacts.ObjectId, String>> all = List.copyOf(objects.entrySet());
    Sql.query(
        connection,
        """
        SELECT i.type || ' ' || i.identity, o.reason
        FROM unnest(?::oid[], ?::oid[], ?::text[]) AS o (class, object, reason)
        CROSS JOIN LATERAL pg_identify_object(o.class, o.object, 0) i
        WHERE i.identity IS NOT NULL
        """,
        row ->
            names.put(
                Structure.LEFT_OUT + CatalogInventory.plain(row.getString(1)), row.getString(2)),
        all.stream().map(object -> object.getKey().classOid()).toArray(Long[]::new),
        all.stream().map(object -> object.getKey().oid()).toArray(Long[]::new),
        all.stream().map(Map.Entry::getValue).toArray(String[]::new));
    return names;
  }

  private TargetFacts target(List<TocEntry> entries) throws SQLException {
    try (Connection connection = target.open("schema")) {
      return TargetFacts.read(
          connection,
          entries.stream()
              .filter(entry -> entry.kind().equals("EXTENSION"))
              .map(TocEntry::tag)
              .toList());
    }
  }

  private SchemaPlan present(ObjectSet set) {
    try (Connection connection = source.open("schema");
        Connection there = target.open("schema")) {
      return new SchemaPlan(
          PresentSchema.items(connection, there, set, choices),
          Structure.read(connection, names(set)));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the schema of both sides");
    }
  }

  /** The plan a migration keeps, if it has made one. */
  public static Optional<SchemaPlan> kept(Connection connection, String migration)
      throws SQLException {
    var script = new SchemaScript(new Run(migration, 0));
    SortedMap<String, String> structure = script.structure(connection);
    return structure.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SchemaPlan(
                script.read(connection).stream().map(SchemaPlanner::itemOf).toList(), structure));
  }

  static List<QualifiedName> names(ObjectSet set) {
    return set.tables().stream().map(ObjectSet.Member::name).toList();
  }

  private static SchemaItem itemOf(SchemaScript.Line line) {
    String schema = line.tableSchema();
    String table = line.tableName();
    return new SchemaItem(
        line.position(),
        line.kind(),
        line.name(),
        schema == null || table == null
            ? Optional.empty()
            : Optional.of(new QualifiedName(schema, table)),
        Decision.valueOf(line.decision()),
        Stage.valueOf(line.stage()),
        line.reason(),
        line.sql());
  }

  private static SchemaScript.Line lineOf(SchemaItem item) {
    return new SchemaScript.Line(
        item.position(),
        item.kind(),
        item.name(),
        item.table().map(QualifiedName::schema).orElse(null),
        item.table().map(QualifiedName::name).orElse(null),
        item.decision().name(),
        item.stage().name(),
        item.reason(),
        item.sql());
  }
}
