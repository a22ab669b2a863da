package dev.pgportage.workflow;

import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.state.ResourceLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The rest of triggers, rules and row security on the side that changes flow to, where they were at
 * work before: what would act on replicated rows though the session is a replica's. All else rests
 * by itself then. It is the source after a cutover, and the target after a rollback.
 */
final class Resting {
  private static final String KIND = "resting";

  /** What makes it rest, and what wakes it; only what is forced on replicas, too. */
  private static final String STATEMENTS =
      """
      SELECT format('ALTER TABLE ONLY %1$I.%2$I DISABLE TRIGGER %3$I', n.nspname, c.relname, tgname),
        format('ALTER TABLE ONLY %1$I.%2$I ENABLE %4$s TRIGGER %3$I', n.nspname, c.relname, tgname,
          CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY (?::oid[]) AND NOT tgisinternal AND tgenabled IN ('A', 'R')
      UNION ALL
      SELECT format('ALTER TABLE ONLY %1$I.%2$I DISABLE RULE %3$I', n.nspname, c.relname, rulename),
        format('ALTER TABLE ONLY %1$I.%2$I ENABLE %4$s RULE %3$I', n.nspname, c.relname, rulename,
          CASE ev_enabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END)
      FROM (SELECT ev_class, rulename, ev_enabled FROM pg_rewrite) r
      JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY (?::oid[]) AND c.relkind IN ('r', 'p') AND ev_enabled IN ('A', 'R')
      UNION ALL
      SELECT format('ALTER TABLE ONLY %1$I.%2$I NO FORCE ROW LEVEL SECURITY', n.nspname, c.relname),
        format('ALTER TABLE ONLY %1$I.%2$I FORCE ROW LEVEL SECURITY', n.nspname, c.relname)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY (?::oid[]) AND relforcerowsecurity
      """;

  private Resting() {}

  private record Pair(String rest, String wake) {}

  /**
   * Lets it rest, in one commit; the statements that wake it are in the ledger before. Safe to run
   * again.
   *
   * @param session whose target rests: a reversed one for the source
   * @param there the objects as that side has them
   */
  static void begin(Session session, ObjectSet there) throws SQLException {
    Optional<ResourceLedger.Resource> former = entry(session, session.target().side());
    if (former.filter(ResourceLedger.Resource::made).isPresent()) {
      return;
    }
    try (Connection connection = session.target().open("resting")) {
      connection.setAutoCommit(false);
      List<Pair> pairs = pairs(connection, there);
      if (pairs.isEmpty() && former.isEmpty()) {
        return;
      }
      ResourceLedger.Resource entry = former.isPresent() ? former.get() : plan(session, pairs);
      for (Pair pair : pairs) {
        Sql.execute(connection, pair.rest);
      }
      connection.commit();
      session.resources().made(session.control(), entry);
    }
  }

  private static ResourceLedger.Resource plan(Session session, List<Pair> pairs)
      throws SQLException {
    return session
        .resources()
        .plan(
            session.control(),
            session.target().side(),
            KIND,
            session.config().name(),
            pairs.stream().map(Pair::wake).collect(Collectors.joining("; ")));
  }

  private static List<Pair> pairs(Connection connection, ObjectSet there) throws SQLException {
    var oids =
        connection.createArrayOf(
            "int8", there.tables().stream().map(m -> m.table().oid()).toArray(Long[]::new));
    return Sql.query(
        connection,
        STATEMENTS,
        row -> new Pair(row.getString(1), row.getString(2)),
        oids,
        oids,
        oids);
  }

  private static Optional<ResourceLedger.Resource> entry(Session session, Side side)
      throws SQLException {
    return session.resources().open(session.control(), KIND).stream()
        .filter(resource -> resource.side() == side)
        .findFirst();
  }

  /** Wakes what rests on the source, before anybody may write there again. Safe to run again. */
  static void wakeSource(Session session) throws SQLException {
    Optional<ResourceLedger.Resource> entry = entry(session, Side.SOURCE);
    if (entry.isPresent()) {
      try (Connection source = session.source().open("fence")) {
        Sql.execute(source, entry.get().undoSql());
      }
      session.resources().undone(session.control(), entry.get());
    }
  }

  /** Wakes what rests on the target, within the transaction that opens it. */
  static void end(Session session, Connection transaction) throws SQLException {
    for (ResourceLedger.Resource entry : session.resources().open(transaction, KIND)) {
      if (entry.side() == Side.TARGET) {
        Sql.execute(transaction, entry.undoSql());
        session.resources().undone(transaction, entry);
      }
    }
    session.steps().forget(transaction, session.run(), StepName.SHUT.label());
    session.steps().forget(transaction, session.run(), StepName.ROLLBACK_SWITCH.label());
    session.steps().forget(transaction, session.run(), StepName.ROLLBACK_FINISH.label());
    session.steps().forget(transaction, session.run(), StepName.ROLLBACK_OPEN.label());
    for (StepName step : Freeze.Names.ROLLBACK.all()) {
      session.steps().forget(transaction, session.run(), step.label());
    }
  }
}
