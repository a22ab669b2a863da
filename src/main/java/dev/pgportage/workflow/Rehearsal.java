package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Fence;
import dev.pgportage.cutover.RehearsalReport;
import dev.pgportage.cutover.RehearsalReport.Part;
import dev.pgportage.cutover.Sequences;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A cutover that is only thought through: every obstacle the real one would meet, and each part of
 * the freeze measured on the live system or estimated from what was measured. Nobody is stopped.
 */
final class Rehearsal {
  private static final int MARKS = 3;
  private static final int FENCE_TRIPS = 8;
  private static final int OPENING_TRIPS = 10;

  /** What a copy through this program at least does in a second. */
  private static final long COPIED_PER_MILLI = 20_000;

  private final Session session;
  private final Plan plan;
  private final Replication replication;
  private final LiveProof proof;
  private final Runnable requireUnchanged;

  Rehearsal(
      Session session,
      Plan plan,
      Replication replication,
      LiveProof proof,
      Runnable requireUnchanged) {
    this.session = session;
    this.plan = plan;
    this.replication = replication;
    this.proof = proof;
    this.requireUnchanged = requireUnchanged;
  }

  RehearsalReport run() throws SQLException {
    List<String> obstacles = obstacles();
    List<Part> parts = obstacles.isEmpty() ? parts() : List.of();
    long freeze = parts.stream().mapToLong(Part::millis).sum();
    session
        .monitor()
        .event(
            obstacles.isEmpty()
                ? Event.info(
                    "rehearsal.done", "A cutover would freeze writes for about " + freeze + " ms")
                : Event.warning(
                    "rehearsal.done", "A cutover would fail: " + String.join("; ", obstacles)));
    return new RehearsalReport(session.config().name(), Instant.now(), obstacles, freeze, parts);
  }

  /** Everything that would keep a cutover from succeeding now. */
  List<String> obstacles() throws SQLException {
    var obstacles = new ArrayList<String>();
    note(obstacles, requireUnchanged::run);
    MigrationConfig.Cutover settings = session.config().cutover();
    Duration lag = replication.lag().time();
    if (lag.compareTo(settings.maxLag()) > 0) {
      obstacles.add("The lag is " + lag.toMillis() + " ms, more than cutover.max_lag allows");
    }
    obstacles.addAll(Fence.obstacles(settings, session.source()));
    if (settings.reverse() == MigrationConfig.Cutover.Reverse.ON) {
      note(obstacles, () -> new WayBack(session).requirePossible(plan.objects()));
    }
    obstacles.addAll(session.hooks().obstacles());
    return obstacles;
  }

  private static void note(List<String> obstacles, Check check) throws SQLException {
    try {
      check.run();
    } catch (MigrationException e) {
      obstacles.add(e.code() + ": " + e.what());
    }
  }

  private interface Check {
    void run() throws SQLException;
  }

  private List<Part> parts() throws SQLException {
    var parts = new ArrayList<Part>();
    long trip = millis(() -> trip(session.source().open("rehearsal")));
    long targetTrip = millis(() -> trip(session.target().open("rehearsal")));
    long poolers = millis(() -> session.hooks().obstacles());
    if (!session.hooks().isEmpty()) {
      parts.add(
          new Part("pause", poolers, "the consoles' answers, measured; and clients' transactions"));
    }
    parts.add(
        session.config().cutover().fence() == MigrationConfig.Cutover.Fence.EXTERNAL
            ? new Part(
                "fence",
                session.config().cutover().silence().toMillis(),
                "cutover.silence, which is waited for; you stop the application")
            : new Part("fence", FENCE_TRIPS * trip, "sessions of the source, one measured"));
    parts.add(new Part("drain", drain(), "the slowest of " + MARKS + " marks, measured"));
    parts.add(recopy());
    parts.add(new Part("sequences", sequences(), "all of them read on both sides, measured"));
    proof.changes();
    long proven = millis(() -> proof.changed().orThrow());
    parts.add(
        new Part("proof", proven, "what changed while the last proof ran, compared and measured"));
    parts.add(new Part("open", OPENING_TRIPS * targetTrip, "sessions of the target, one measured"));
    if (!session.hooks().isEmpty()) {
      parts.add(new Part("switch", poolers, "the consoles' answers, measured"));
    }
    return parts;
  }

  private long drain() throws SQLException {
    long slowest = 0;
    for (int i = 0; i < MARKS; i++) {
      slowest =
          Math.max(
              slowest,
              millis(
                  () -> {
                    Lsn mark = session.mark();
                    replication.awaitApplied(mark, session.config().cutover().drainTimeout());
                  }));
    }
    return slowest;
  }

  private Part recopy() {
    long bytes = plan.objects().recopied().stream().mapToLong(Table::bytes).sum();
    return new Part(
        "recopy",
        bytes / COPIED_PER_MILLI,
        plan.objects().recopied().size()
            + " tables of "
            + bytes
            + " bytes, estimated with 20 MB a second, as if all had changed");
  }

  private long sequences() throws SQLException {
    return millis(
        () -> {
          try (Connection source = session.source().open("rehearsal");
              Connection target = session.target().open("rehearsal")) {
            Sequences.differing(source, target, plan.objects().sequences());
          }
        });
  }

  private static void trip(Connection connection) throws SQLException {
    try (connection) {
      Sql.queryText(connection, "SELECT 1::text");
    }
  }

  private static long millis(Check work) throws SQLException {
    long began = System.nanoTime();
    work.run();
    return (System.nanoTime() - began) / 1_000_000;
  }
}
