package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.ddl.Reshaping;
import dev.pgportage.ddl.Shape;
import dev.pgportage.ddl.ShapeReader.Reading;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.schema.SchemaPlanner;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Works out what would make the target follow the source's schema. */
final class Proposals {
  /**
   * What would be done.
   *
   * @param reshaping the statements and the tables to load
   * @param plan the plan they lead to
   * @param shown what people are shown
   */
  record Proposal(Reshaping reshaping, Reshaping.NewPlan plan, PendingChange shown) {
    /**
     * Makes sure that it can be done.
     *
     * @throws MigrationException SCHEMA_CHANGED with what cannot
     */
    void requirePossible() {
      if (!reshaping.obstacles().isEmpty()) {
        throw new MigrationException(
            ErrorCode.SCHEMA_CHANGED,
            "The source's schema changed in a way that cannot be followed: "
                + String.join("; ", reshaping.obstacles()),
            "Undo the change on the source and run the same command again; or run 'cleanup', empty"
                + " the target, and start again.",
            null);
      }
    }
  }

  private static final int ATTEMPTS = 5;

  private final Session session;
  private final Plan plan;
  private final SchemaStage schema;

  Proposals(Session session, Plan plan, SchemaStage schema) {
    this.session = session;
    this.plan = plan;
    this.schema = schema;
  }

  /**
   * What leads from one shape to another.
   *
   * @param unloaded tables whose rows are to be loaded in any case
   */
  Proposal of(Shape kept, Reading now, Set<QualifiedName> unloaded) throws SQLException {
    var reshaping =
        Reshaping.between(
            kept, now.shape(), plan.objects(), now.objects(), unloaded, session.replicaRole());
    SchemaPlan draft = draft(now);
    Set<String> done = new HashSet<>(session.restoredObjects().read(session.control()));
    var next = reshaping.plan(schema.plan(), done, draft);
    List<String> lines = now.shape().changesSince(kept);
    var shown =
        new PendingChange(
            now.shape().digest(),
            Lsn.ZERO.toString(),
            Instant.now(),
            false,
            lines,
            statements(next, done),
            reshaping.loaded().stream().map(QualifiedName::toString).toList());
    return new Proposal(reshaping, next, shown);
  }

  /** A dump that stumbles over a change made just now is made again. */
  private SchemaPlan draft(Reading now) {
    var planner =
        new SchemaPlanner(
            session.source(), session.target(), session.config().schema().in(Mode.MANAGED));
    for (int attempt = 1; ; attempt++) {
      try {
        return planner.draft(now.objects());
      } catch (MigrationException e) {
        boolean stumbled = e.code() == ErrorCode.PG_DUMP_FAILED || e.code() == ErrorCode.SQL_FAILED;
        if (attempt == ATTEMPTS || !stumbled) {
          throw e;
        }
      }
    }
  }

  /** What is run because of the change: not what has been waiting for its time anyway. */
  private List<String> statements(Reshaping.NewPlan next, Set<String> done) {
    var waited = new HashSet<String>();
    schema.plan().items().stream()
        .filter(item -> !done.contains(item.key()))
        .forEach(item -> waited.add(item.kind() + " " + item.name() + item.sql()));
    return next.plan().items().stream()
        .filter(item -> !item.sql().isEmpty() && !next.done().contains(item.key()))
        .filter(item -> item.decision() != SchemaItem.Decision.SKIP)
        .filter(item -> !waited.contains(item.kind() + " " + item.name() + item.sql()))
        .map(item -> item.sql().strip())
        .toList();
  }
}
