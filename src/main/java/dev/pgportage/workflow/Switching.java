package dev.pgportage.workflow;

import dev.pgportage.MigrationException;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.Move;
import dev.pgportage.cutover.SwitchHooks;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The hooks' part in a crossing: kept waiting before the fence, led on once the other side is open.
 */
final class Switching {
  private final Session session;
  private final SwitchHooks hooks;
  private final Move move;
  private final StepName step;

  Switching(Session session, Move.Direction direction) {
    this.session = session;
    this.hooks = session.hooks();
    this.move = session.move(direction);
    this.step = direction == Move.Direction.CUTOVER ? StepName.SWITCH : StepName.ROLLBACK_SWITCH;
  }

  /** Requires that nothing is in the way, while nobody waits yet. */
  void require() {
    hooks.require();
  }

  /** Keeps clients waiting; tells how long it took to get there. */
  Optional<CutoverReport.Phase> pause() throws SQLException {
    if (hooks.isEmpty()) {
      return Optional.empty();
    }
    long began = System.nanoTime();
    hooks.pause(session.control(), move);
    return Optional.of(new CutoverReport.Phase("pause", (System.nanoTime() - began) / 1_000_000));
  }

  /** Takes everything back after a failure. */
  void undo(Throwable first) {
    if (!hooks.isEmpty()) {
      hooks.undo(session.control(), move, first);
    }
  }

  /** What a process that died left waiting goes on, where nothing has moved. */
  static void resumeLeft(Session session) throws SQLException {
    if (session.hooks().resumeLeft(session.control())) {
      session
          .monitor()
          .event(Event.warning("switch.undone", "Clients that were kept waiting go on"));
    }
  }

  /**
   * Leads clients to where the writes are, unless that is done; what fails is told, and tried again
   * by the next run, since the writes have moved either way.
   *
   * @return what did not work
   */
  Optional<String> lead() throws SQLException {
    if (hooks.isEmpty() || session.isDone(step)) {
      return Optional.empty();
    }
    try {
      session.redo(
          step,
          () -> {
            hooks.lead(session.control(), move);
            return Replicating.Done.DONE;
          });
      return Optional.empty();
    } catch (MigrationException e) {
      session
          .monitor()
          .event(
              Event.error(
                  "switch.failed",
                  "The writes are on "
                      + move.to()
                      + " now, but not every client was led there: "
                      + e.what()));
      return Optional.of(e.what());
    }
  }
}
