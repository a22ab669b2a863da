package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Fence;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepLog;
import dev.pgportage.workflow.DoctorReport.Certainty;
import dev.pgportage.workflow.DoctorReport.Leftover;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Looks on both servers for what dead migrations left: slots, publications, sessions, fences,
 * state. What belongs to a migration that the target's state knows is left to that migration, its
 * cleanup included; what no state knows may be another target's, and is told only.
 */
final class Doctor {
  private static final String ANY_NAME = "pgportage\\_%";
  private static final String SUFFIXES = "_(t|back|s[2-8])$";

  private final Database source;
  private final Database target;
  private final List<Leftover> found = new ArrayList<>();

  Doctor(MigrationConfig config) {
    source = new Database(config.source(), "pgportage doctor");
    target = new Database(config.target(), "pgportage doctor");
  }

  /**
   * A migration the target knows.
   *
   * @param running whether a process holds its lease
   * @param open whether the target was opened by its cutover
   * @param resources its open ledger entries: side, kind, name
   */
  private record Known(boolean running, boolean open, List<ResourceLedger.Resource> resources) {
    boolean owns(Side side, String kind, String name) {
      return resources.stream()
          .anyMatch(r -> r.side() == side && r.kind().equals(kind) && r.name().equals(name));
    }

    boolean fences() {
      return resources.stream().anyMatch(r -> Fence.isKind(r.kind()));
    }
  }

  /** Something to remove. */
  @FunctionalInterface
  private interface Removal {
    void run() throws SQLException;
  }

  DoctorReport run(boolean fix) throws SQLException {
    try (Connection onSource = source.open("status");
        Connection onTarget = target.open("status")) {
      Map<String, Known> known = known(onTarget);
      fences(onTarget, known, fix);
      for (Side side : Side.values()) {
        Connection connection = side == Side.SOURCE ? onSource : onTarget;
        sessions(connection, side, known, fix);
        slots(connection, side, known, fix);
        publications(connection, side, known, fix);
      }
      readOnly(onSource, known);
      reverseState(onSource, known, fix);
      state(onSource, Side.SOURCE, fix);
      state(onTarget, Side.TARGET, fix);
    }
    return new DoctorReport(found);
  }

  private Map<String, Known> known(Connection state) throws SQLException {
    var known = new TreeMap<String, Known>();
    for (StateStore.Migration migration : StateStore.all(state)) {
      String name = migration.name();
      boolean running = StateStore.isLeased(state, name);
      boolean open = new StepLog(name).isDone(state, StepName.OPEN.label());
      known.put(name, new Known(running, open, new ResourceLedger(name).open(state)));
    }
    return known;
  }

  /** The migration an object of ours is named after. */
  private static Optional<Known> owner(Map<String, Known> known, String object) {
    String name = object.replaceFirst("^pgportage_", "");
    return Optional.ofNullable(
        known.getOrDefault(name, known.get(name.replaceFirst(SUFFIXES, ""))));
  }

  private void fences(Connection state, Map<String, Known> known, boolean fix) throws SQLException {
    for (Map.Entry<String, Known> migration : known.entrySet()) {
      Known is = migration.getValue();
      if (is.fences() && !is.running() && !is.open()) {
        add(
            new Leftover(
                Side.SOURCE,
                "fence",
                migration.getKey(),
                "The cutover of "
                    + migration.getKey()
                    + " died behind its fence: the source refuses"
                    + " to be written to",
                "pgportage doctor --fix, or go on with 'pgportage migrate'",
                Certainty.CERTAIN,
                false),
            fix,
            () -> Fence.lowerLeft(state, sourceOf(migration.getKey()), migration.getKey()));
      }
    }
  }

  /** The source as that migration's own runs see it, so that sessions they left are known. */
  private Database sourceOf(String migration) {
    return new Database(source.endpoint(), Databases.application(migration));
  }

  private void sessions(Connection connection, Side side, Map<String, Known> known, boolean fix)
      throws SQLException {
    record Session(int pid, String application, long idle) {}
    List<Session> sessions =
        Sql.query(
            connection,
            """
            SELECT pid, application_name,
              coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::bigint
            FROM pg_stat_activity
            WHERE datname = current_database() AND usename = session_user
              AND application_name ~ '^pgportage [a-z0-9_]+ '
              AND application_name !~ '^pgportage doctor | (status|lease)$'
            """,
            row -> new Session(row.getInt(1), row.getString(2), row.getLong(3)));
    for (Session session : sessions) {
      String name = session.application().split(" ", 3)[1];
      Known owner = known.get(name);
      if (owner != null && owner.running()) {
        continue;
      }
      boolean certain = owner != null && session.idle() > 30;
      String undo = "SELECT pg_terminate_backend(" + session.pid() + ");";
      add(
          new Leftover(
              side,
              "session",
              session.application() + ", process " + session.pid(),
              "No process runs "
                  + name
                  + ", and this session has been quiet for "
                  + session.idle()
                  + " s; a snapshot it holds keeps dead rows from being removed",
              undo,
              certain ? Certainty.CERTAIN : Certainty.POSSIBLE,
              false),
          fix,
          () -> Sql.execute(connection, undo));
    }
  }

  private void slots(Connection connection, Side side, Map<String, Known> known, boolean fix)
      throws SQLException {
    List<String> names =
        Sql.query(
            connection,
            """
            SELECT slot_name FROM pg_replication_slots
            WHERE slot_name LIKE ? AND database = current_database() AND NOT active
            """,
            row -> row.getString(1),
            ANY_NAME);
    for (String name : names) {
      Optional<Slots.Slot> slot = Slots.find(connection, name);
      Optional<Known> owner = owner(known, name);
      boolean lost = slot.filter(s -> s.walStatus() == Slots.WalStatus.LOST).isPresent();
      if (!lost && owner.filter(o -> o.running() || o.owns(side, "slot", name)).isPresent()) {
        continue;
      }
      long retained = retained(connection, name);
      add(
          new Leftover(
              side,
              "slot",
              name,
              lost
                  ? "Its WAL is gone: nobody can read from it any more"
                  : "It holds back "
                      + (retained >> 20)
                      + " MB of WAL, and "
                      + (owner.isPresent()
                          ? "its migration does not own it any more"
                          : "no migration on this target owns it; one on another target may"),
              Slots.dropSql(name) + ";",
              lost || owner.isPresent() ? Certainty.CERTAIN : Certainty.POSSIBLE,
              false),
          fix,
          () -> Slots.drop(connection, name, source.application()));
    }
  }

  private static long retained(Connection connection, String slot) throws SQLException {
    return Sql.queryLong(
        connection,
        """
        SELECT coalesce(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
          THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)::bigint
        FROM pg_replication_slots WHERE slot_name = ?
        """,
        slot);
  }

  private void publications(Connection connection, Side side, Map<String, Known> known, boolean fix)
      throws SQLException {
    List<String> names =
        Sql.query(
            connection,
            "SELECT pubname FROM pg_publication WHERE pubname LIKE ?",
            row -> row.getString(1),
            ANY_NAME);
    for (String name : names) {
      Optional<Known> owner = owner(known, name);
      if (owner.filter(o -> o.running() || o.owns(side, "publication", name)).isPresent()) {
        continue;
      }
      String undo = "DROP PUBLICATION " + Quoting.identifier(name);
      add(
          new Leftover(
              side,
              "publication",
              name,
              owner.isPresent()
                  ? "Its migration does not own it any more"
                  : "No migration on this target owns it; one on another target may",
              undo + ";",
              owner.isPresent() ? Certainty.CERTAIN : Certainty.POSSIBLE,
              false),
          fix,
          () -> Sql.execute(connection, undo));
    }
  }

  /** A read-only source that no ledger explains. */
  private void readOnly(Connection connection, Map<String, Known> known) throws SQLException {
    if (known.values().stream().anyMatch(Known::fences)) {
      return;
    }
    List<String> settings =
        Sql.query(
            connection,
            """
            SELECT CASE WHEN s.setrole = 0
              THEN 'ALTER DATABASE ' || quote_ident(current_database())
              ELSE 'ALTER ROLE ' || s.setrole::regrole::text || ' IN DATABASE '
                || quote_ident(current_database()) END || ' RESET default_transaction_read_only;'
            FROM pg_db_role_setting s, unnest(s.setconfig) AS c
            WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND lower(c) IN ('default_transaction_read_only=on',
                'default_transaction_read_only=true', 'default_transaction_read_only=1')
            """,
            row -> row.getString(1));
    for (String undo : settings) {
      found.add(
          new Leftover(
              Side.SOURCE,
              "setting",
              "default_transaction_read_only",
              "The database is read-only, and no migration on this target made it so",
              undo,
              Certainty.POSSIBLE,
              false));
    }
  }

  /** What keeps the position of changes that flow back, of migrations that have none any more. */
  private void reverseState(Connection connection, Map<String, Known> known, boolean fix)
      throws SQLException {
    for (StateStore.Migration migration : StateStore.all(connection)) {
      String name = migration.name();
      Optional<Known> owner = Optional.ofNullable(known.get(name));
      if (!migration.type().equals(WayBack.TYPE)
          || owner
              .filter(o -> o.running() || o.owns(Side.SOURCE, WayBack.STATE, name))
              .isPresent()) {
        continue;
      }
      add(
          new Leftover(
              Side.SOURCE,
              "state",
              name,
              owner.isPresent()
                  ? "No changes flow back to the source any more, and their position is still kept"
                  : "The position of changes that flow back; no migration on this target owns it",
              "pgportage doctor --fix, or DELETE FROM pgportage.migration WHERE name = '"
                  + name
                  + "';",
              owner.isPresent() ? Certainty.CERTAIN : Certainty.POSSIBLE,
              false),
          fix,
          () -> WayBack.removeState(connection, name));
    }
  }

  private void state(Connection connection, Side side, boolean fix) throws SQLException {
    if (!StateStore.exists(connection)) {
      return;
    }
    if (StateStore.all(connection).isEmpty()) {
      String undo = "DROP SCHEMA pgportage CASCADE";
      add(
          new Leftover(
              side,
              "schema",
              "pgportage",
              "A state without any migration",
              undo + ";",
              Certainty.CERTAIN,
              false),
          fix,
          () -> Sql.execute(connection, undo));
      return;
    }
    for (StateStore.Migration migration : StateStore.all(connection)) {
      boolean over =
          List.of(Phases.STOPPED, Phases.CUT_OVER, Phases.LOADED).contains(migration.phase());
      if (over && !StateStore.isLeased(connection, migration.name())) {
        found.add(
            new Leftover(
                side,
                "state",
                migration.name(),
                "The migration is over ("
                    + migration.phase()
                    + " since "
                    + migration.phaseSince()
                    + ") and was not cleaned up",
                "pgportage cleanup --name " + migration.name(),
                Certainty.POSSIBLE,
                false));
      }
    }
  }

  private void add(Leftover leftover, boolean fix, Removal removal) throws SQLException {
    boolean removes = fix && leftover.certainty() == Certainty.CERTAIN;
    if (removes) {
      removal.run();
    }
    found.add(
        new Leftover(
            leftover.side(),
            leftover.kind(),
            leftover.name(),
            leftover.what(),
            leftover.remedy(),
            leftover.certainty(),
            removes));
  }
}
