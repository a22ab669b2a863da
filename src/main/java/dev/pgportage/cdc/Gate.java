package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * Where the applier stands still between two transactions when somebody asks for it. Thread-safe.
 *
 * <pre>
 *  open ──park──► parked ──advance(L)──► parked, every commit before L applied
 *    ▲               └──────────open──────────┘
 * </pre>
 */
final class Gate {
  private enum Mode {
    OPEN,
    PARK,
    ADVANCE
  }

  private final AppliedState state;
  private Mode mode = Mode.OPEN;
  private Lsn limit = Lsn.ZERO;
  private boolean standing;
  private boolean ended;

  Gate(AppliedState state) {
    this.state = state;
  }

  /** The applier is to stand still soon, whatever the position. */
  synchronized void park() {
    mode = Mode.PARK;
  }

  /** The applier is to apply every commit before a position, and none at or after it. */
  synchronized void advance(Lsn position) {
    limit = position;
    mode = Mode.ADVANCE;
    standing = false;
    notifyAll();
  }

  /** Lets the applier go on. */
  synchronized void open() {
    mode = Mode.OPEN;
    standing = false;
    notifyAll();
  }

  /** Nobody stands any more, nobody waits any more. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /**
   * Whether the applier has to stand still.
   *
   * @param next the commit it is about to apply; null if it knows of none
   */
  synchronized boolean isClosed(@Nullable Lsn next) {
    return !ended
        && switch (mode) {
          case OPEN -> false;
          case PARK -> true;
          case ADVANCE -> next == null ? !state.applied().isBefore(limit) : !next.isBefore(limit);
        };
  }

  /** Stands still as long as {@link #isClosed}; called by the applier with nothing pending. */
  synchronized void stand(@Nullable Lsn next) {
    try {
      while (isClosed(next)) {
        standing = true;
        notifyAll();
        wait();
      }
      standing = false;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Waits until the applier stands still, where it was asked to. */
  synchronized void awaitStanding() {
    try {
      // The state's end is told by end(), after the state knows it.
      while (!standing) {
        state.check();
        wait();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static MigrationException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new MigrationException(ErrorCode.INTERRUPTED, "Replication was stopped", cause);
  }
}
