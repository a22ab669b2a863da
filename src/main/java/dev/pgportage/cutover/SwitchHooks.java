package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.Switching;
import dev.pgportage.cutover.Move.Moment;
import dev.pgportage.pg.Side;
import dev.pgportage.state.ResourceLedger;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything that leads clients from one database to the other, in its order: PgBouncers keep them
 * waiting before the fence would end their sessions, and are led and resumed as soon as the other
 * side is open. A PgBouncer that is paused, and how it led before, is in the ledger first.
 */
public final class SwitchHooks {
  /** The ledger's word for a PgBouncer that keeps clients waiting. */
  public static final String PAUSED = "pgbouncer-paused";

  /** The ledger's word for a PgBouncer's line as it was before the cutover. */
  public static final String ENTRY = "pgbouncer-entry";

  private final List<SwitchHook> told = new ArrayList<>();
  private final List<PgBouncer> poolers;
  private final ResourceLedger ledger;

  /** The hooks of a migration's settings. */
  public SwitchHooks(MigrationConfig config) {
    Switching settings = config.cutover().switching();
    settings.command().ifPresent(text -> told.add(new CommandHook(text, settings.timeout())));
    settings
        .webhook()
        .ifPresent(
            address ->
                told.add(
                    new WebhookHook(
                        URI.create(address), settings.webhookHeader(), settings.timeout())));
    String database = settings.poolerDatabase().orElse(config.source().database());
    poolers =
        settings.poolers().stream()
            .map(pooler -> new PgBouncer(pooler, database, settings.timeout()))
            .toList();
    ledger = new ResourceLedger(config.name());
  }

  /** What is in the way of the hooks, found without changing anything or telling anybody. */
  public List<String> obstacles() {
    var obstacles = new ArrayList<String>();
    for (PgBouncer pooler : poolers) {
      try {
        pooler.require();
      } catch (MigrationException e) {
        obstacles.add(e.what());
      }
    }
    return obstacles;
  }

  /**
   * Requires that nothing is in the way of the hooks; nothing is changed, nobody is told or waits.
   *
   * @throws MigrationException HOOK_FAILED
   */
  public void require() {
    List<String> obstacles = obstacles();
    if (!obstacles.isEmpty()) {
      throw new MigrationException(ErrorCode.HOOK_FAILED, String.join("; ", obstacles));
    }
  }

  /** Whether there is anything to tell. */
  public boolean isEmpty() {
    return told.isEmpty() && poolers.isEmpty();
  }

  /**
   * Tells that writes are about to move, and keeps the PgBouncers' clients waiting.
   *
   * @param control a session on the target in auto-commit mode, for the ledger
   * @throws MigrationException HOOK_FAILED; {@link #undo} is to be called then, too
   */
  public void pause(Connection control, Move move) throws SQLException {
    told.forEach(hook -> hook.tell(Moment.PAUSE, move));
    for (PgBouncer pooler : poolers) {
      ResourceLedger.Resource entry =
          ledger.plan(control, Side.SOURCE, PAUSED, pooler.name(), "RESUME " + pooler.name());
      pooler.pause();
      ledger.made(control, entry);
    }
  }

  /** Takes back what {@link #pause} did, all of it, whatever fails. */
  public void undo(Connection control, Move move, Throwable first) {
    for (SwitchHook hook : told) {
      attempt(() -> hook.tell(Moment.UNDO, move), first);
    }
    attempt(() -> resumeLeft(control), first);
  }

  private interface Action {
    void run() throws SQLException;
  }

  private static void attempt(Action action, Throwable first) {
    boolean interrupted = Thread.interrupted();
    try {
      action.run();
    } catch (SQLException | MigrationException e) {
      first.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Lets the clients go on that a former attempt left waiting, by the ledger. */
  public boolean resumeLeft(Connection control) throws SQLException {
    List<ResourceLedger.Resource> left = ledger.open(control, PAUSED);
    for (ResourceLedger.Resource resource : left) {
      for (PgBouncer pooler : poolers) {
        if (pooler.name().equals(resource.name())) {
          pooler.resume();
        }
      }
      ledger.undone(control, resource);
    }
    return !left.isEmpty();
  }

  /**
   * Leads everybody to where the writes are now. Safe to run again.
   *
   * @throws MigrationException SWITCH_INCOMPLETE, once everything was tried
   */
  public void lead(Connection control, Move move) throws SQLException {
    var problems = new ArrayList<String>();
    for (PgBouncer pooler : poolers) {
      if (pooler.hasFile()) {
        lead(control, pooler, move, problems);
      }
    }
    for (SwitchHook hook : told) {
      note(problems, () -> hook.tell(Moment.SWITCH, move));
    }
    for (PgBouncer pooler : poolers) {
      if (!pooler.hasFile()) {
        lead(control, pooler, move, problems);
      }
    }
    if (!problems.isEmpty()) {
      throw new MigrationException(ErrorCode.SWITCH_INCOMPLETE, String.join("; ", problems));
    }
  }

  private void lead(Connection control, PgBouncer pooler, Move move, List<String> problems)
      throws SQLException {
    Optional<ResourceLedger.Resource> former = former(control, pooler);
    boolean back = move.direction() == Move.Direction.ROLLBACK;
    if (!back && former.isEmpty()) {
      note(
          problems,
          () -> {
            Optional<String> entry = pooler.entry();
            if (entry.isPresent()) {
              ledger.plan(control, Side.SOURCE, ENTRY, pooler.name(), entry.get());
            }
          });
    }
    Optional<String> restored =
        back ? former.map(ResourceLedger.Resource::undoSql) : Optional.empty();
    int before = problems.size();
    note(problems, () -> pooler.lead(move.to(), restored));
    if (problems.size() == before) {
      if (back && former.isPresent()) {
        ledger.undone(control, former.get());
      }
      for (ResourceLedger.Resource paused : ledger.open(control, PAUSED)) {
        if (paused.name().equals(pooler.name())) {
          ledger.undone(control, paused);
        }
      }
    }
  }

  private Optional<ResourceLedger.Resource> former(Connection control, PgBouncer pooler)
      throws SQLException {
    return ledger.open(control, ENTRY).stream()
        .filter(resource -> resource.name().equals(pooler.name()))
        .findFirst();
  }

  private static void note(List<String> problems, Action action) throws SQLException {
    try {
      action.run();
    } catch (MigrationException e) {
      problems.add(e.what());
    }
  }
}
