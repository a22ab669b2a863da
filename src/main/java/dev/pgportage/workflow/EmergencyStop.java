package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Fence;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Publication;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Slots;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Sets the source free at once, whatever the migration is doing and wherever: ends its run, lowers
 * its fence, drops its slot and publication. Works without the target, too. What is on the target
 * stays, and its state says that the migration was stopped.
 */
final class EmergencyStop {
  private final MigrationConfig config;
  private final Database source;
  private final Database target;
  private final List<String> done = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  EmergencyStop(MigrationConfig config) {
    this.config = config;
    source = new Database(config.source(), Databases.application(config.name()));
    target = new Database(config.target(), Databases.application(config.name()));
  }

  /** What the target's state knows, or that it does not answer. */
  private record Known(boolean reached, boolean entered, boolean replicates, boolean open) {
    static final Known NOTHING = new Known(false, false, false, false);
  }

  /**
   * Stops.
   *
   * @throws MigrationException if the source cannot be reached
   */
  StopReport run() throws SQLException {
    Known known = attempt("Noting the stop in the target's state", Known.NOTHING, this::halt);
    try (Connection session = source.open("status")) {
      endSessions(session, "source");
      setFree(session, known);
      if (known.open()) {
        attempt("Giving up the way back", false, this::giveUpWayBack);
      }
      attempt(
          "Noting it in the target's state",
          false,
          () -> {
            note();
            return true;
          });
    }
    boolean resumable = known.reached() && (!known.replicates() || known.open());
    return new StopReport(config.name(), done, problems, resumable, next(known, resumable));
  }

  private String next(Known known, boolean resumable) {
    if (!known.reached()) {
      return "The target did not answer: when it does, run 'pgportage emergency-stop' again, so that"
          + " its state knows.";
    }
    if (!known.entered()) {
      return "The target knows no migration of that name; nothing is to be done there.";
    }
    if (known.open()) {
      return "The target is the database; 'pgportage migrate' completes what is left of the cutover."
          + " There is no way back any more.";
    }
    return resumable
        ? "Replication had not begun: 'pgportage migrate' goes on."
        : "What the source commits from now on is lost to this migration, so it cannot go on. Run"
            + " 'pgportage cleanup', empty the target, and start again.";
  }

  /** From here on no run of the migration can write, and none can begin. */
  private Known halt() throws SQLException {
    try (Connection connection = target.open("status")) {
      if (StateStore.find(connection, config.name()).isEmpty()) {
        return new Known(true, false, false, false);
      }
      var steps = new StepLog(config.name());
      boolean open = steps.isDone(connection, StepName.OPEN.label());
      boolean replicates =
          config.type().replicates() && steps.isDone(connection, StepName.SLOT.label());
      StateStore.halt(connection, config.name(), replicates && !open ? Phases.STOPPED : null);
      done.add("target: no run of " + config.name() + " can write any more");
      endSessions(connection, "target");
      return new Known(true, true, replicates, open);
    }
  }

  private void endSessions(Connection connection, String side) throws SQLException {
    long ended =
        Sql.queryLong(
            connection,
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = session_user
              AND starts_with(application_name, ?) AND application_name NOT LIKE '% status'
              AND pid <> pg_backend_pid()
            """,
            Databases.application(config.name()) + " ");
    if (ended > 0) {
      done.add(side + ": " + ended + " sessions ended");
    }
  }

  private void setFree(Connection session, Known known) throws SQLException {
    if (known.open()) {
      done.add("source: stays read-only, since the target is the database now");
    } else {
      lowerFence(session, known);
    }
    var slots = new TreeSet<>(SourceObjects.slotNames(config));
    slots.add(SourceObjects.temporarySlotName(config));
    slots.addAll(ledgered(known, SourceObjects.SLOT));
    for (String slot : slots) {
      if (Slots.find(session, slot).isPresent()) {
        Slots.drop(session, slot, source.application());
        done.add("source: slot " + slot + " dropped");
      }
    }
    var publications = new TreeSet<>(SourceObjects.publicationNames(config));
    publications.addAll(ledgered(known, SourceObjects.PUBLICATION));
    for (String name : publications) {
      var publication = new Publication(name);
      if (publication.exists(session)) {
        publication.drop(session);
        done.add("source: publication " + name + " dropped");
      }
    }
  }

  /** What was made on the source, should the settings speak of fewer streams by now. */
  private List<String> ledgered(Known known, String kind) {
    return attempt(
        "Reading the ledger",
        List.of(),
        () -> {
          if (!known.entered()) {
            return List.of();
          }
          try (Connection control = target.open("status")) {
            return new ResourceLedger(config.name())
                .open(control, kind).stream()
                    .filter(resource -> resource.side() == Side.SOURCE)
                    .map(ResourceLedger.Resource::name)
                    .toList();
          }
        });
  }

  private void lowerFence(Connection session, Known known) throws SQLException {
    if (known.entered()) {
      try (Connection control = target.open("status")) {
        if (Fence.lowerLeft(control, source, config.name())) {
          done.add("source: accepts writes again");
        }
      }
    } else if (!known.reached()) {
      if (config.cutover().fence() == MigrationConfig.Cutover.Fence.ROLES) {
        problems.add(
            "If a cutover was under way, roles are locked out of the source, and whether the target"
                + " is open already only the target knows. If nobody writes there: ALTER ROLE …"
                + " LOGIN, for each of "
                + (config.cutover().roles().isEmpty()
                    ? "the application's roles"
                    : String.join(", ", config.cutover().roles())));
      }
      fencedWithoutState(session)
          .ifPresent(
              database ->
                  problems.add(
                      "The source is read-only, and whether the target is open already only the"
                          + " target knows. If nobody writes there: ALTER DATABASE "
                          + database
                          + " RESET default_transaction_read_only;"));
    }
  }

  /** A slot that nobody reads would hold back the WAL of what is the database now. */
  private boolean giveUpWayBack() throws SQLException {
    try (Connection control = target.open("status")) {
      var ledger = new ResourceLedger(config.name());
      for (ResourceLedger.Resource resource : ledger.open(control)) {
        if (WayBack.isOurs(resource)) {
          WayBack.remove(source, target, resource);
          ledger.undone(control, resource);
          done.add(resource.side() + ": " + resource.kind() + " " + resource.name() + " removed");
        }
      }
    }
    return true;
  }

  private static Optional<String> fencedWithoutState(Connection session) throws SQLException {
    return Sql.queryText(
        session,
        """
        SELECT quote_ident(current_database()) FROM pg_db_role_setting s, unnest(s.setconfig) AS c
        WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND c = 'default_transaction_read_only=on' LIMIT 1
        """);
  }

  private void note() throws SQLException {
    try (Connection connection = target.open("status")) {
      if (StateStore.find(connection, config.name()).isEmpty()) {
        return;
      }
      var ledger = new ResourceLedger(config.name());
      for (String kind : List.of(SourceObjects.SLOT, SourceObjects.PUBLICATION)) {
        for (ResourceLedger.Resource resource : ledger.open(connection, kind)) {
          if (resource.side() == Side.SOURCE) {
            ledger.undone(connection, resource);
          }
        }
      }
    }
  }

  private <T> T attempt(String what, T otherwise, Session.Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      problems.add(what + ": " + SqlFailures.describe(e));
    } catch (MigrationException e) {
      problems.add(what + ": " + e.code() + ": " + e.what());
    }
    return otherwise;
  }
}
