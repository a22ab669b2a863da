package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ApplyProgress;
import dev.pgportage.telemetry.ApplyCounters;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * A running replication from the source's slot to the target, until it is closed or fails.
 *
 * <p>Owns its sessions and threads ({@code wal-reader}, {@code applier}, {@code heartbeat}). The
 * target always shows a state the source had: each of its transactions carries whole transactions
 * of the source, in the order of their commits, and the position they lead to. Thread-safe.
 */
public final class Replication implements AutoCloseable {
  private static final long STOP_MILLIS = 10_000;

  /** Something done while the applier stands still. */
  @FunctionalInterface
  public interface Action<T, E extends Exception> {
    /** Does it; must not wait for anything to be applied. */
    T run() throws E;
  }

  private final ReplicationSettings settings;
  private final Lsn start;
  private final AppliedState state;
  private final TouchedRows touched;
  private final Gate gate;
  private final Heartbeat heartbeat;
  private final ApplyLoop loop;
  private final Thread applier;
  private final ReentrantLock turn = new ReentrantLock(true);

  private Replication(ReplicationSettings settings, Lsn start, Monitor monitor) {
    this.settings = settings;
    this.start = start;
    this.state = new AppliedState(start);
    this.touched = new TouchedRows(start, TouchedRows.DEFAULT_BYTES);
    this.gate = new Gate(state);
    this.heartbeat =
        Heartbeat.open(settings.source(), settings.heartbeat(), () -> monitor.lag(lag()));
    try {
      this.loop =
          new ApplyLoop(
              settings,
              state,
              touched,
              gate,
              heartbeat,
              new SpoolWatcher(monitor, heartbeat::source));
    } catch (RuntimeException e) {
      heartbeat.close();
      throw e;
    }
    this.applier = new Thread(loop, "applier");
  }

  /**
   * Starts from the position saved in the target's state.
   *
   * @param monitor is told the lag after each mark
   * @throws MigrationException if a session cannot be opened; whatever happens later is told by
   *     {@link #check}
   */
  public static Replication start(ReplicationSettings settings, Monitor monitor) {
    Lsn position;
    try (Connection target = settings.target().open("setup")) {
      position =
          new ApplyProgress(settings.run())
              .read(target)
              .orElseThrow(
                  () ->
                      new MigrationException(
                          ErrorCode.SLOT_MISSING,
                          "Migration " + settings.run().migration() + " has no position yet"));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the applied position");
    }
    var replication = new Replication(settings, position, monitor);
    replication.heartbeat.start();
    replication.applier.start();
    return replication;
  }

  /**
   * Sends a mark through the source's WAL; everything committed before this call is before it.
   *
   * @param source a session on the source in auto-commit mode
   * @return its position, to wait for with {@link #awaitApplied}
   */
  public static Lsn mark(Connection source) throws SQLException {
    return Heartbeat.mark(source);
  }

  /** The position up to which everything committed on the source is on the target. */
  public Lsn applied() {
    return state.applied();
  }

  /**
   * Waits until everything committed before a position is on the target.
   *
   * @param position one the source's WAL has reached
   * @return false if the time was over before
   * @throws MigrationException if replication fails or is closed meanwhile
   */
  public boolean awaitApplied(Lsn position, Duration patience) {
    heartbeat.prod();
    return state.await(position, patience);
  }

  /**
   * Brings the target to an exact point: applies every transaction that committed before it, none
   * other, does something, and goes on. From there on it is kept which rows are touched.
   *
   * @param point makes the point, such as a temporary slot's consistent point; called while nothing
   *     is applied, so that the applier cannot have passed it
   * @param action sees the target at the point
   */
  public <T, E extends Exception> T holdAt(Action<Lsn, E> point, Action<T, E> action) throws E {
    turn.lock();
    try {
      gate.park();
      Lsn position = point.run();
      heartbeat.prod();
      gate.advance(position);
      touched.track(position);
      return action.run();
    } finally {
      gate.open();
      turn.unlock();
    }
  }

  /** Does something short on the target, such as DDL, while nothing is applied. */
  public <T, E extends Exception> T whilePaused(Action<T, E> action) throws E {
    turn.lock();
    try {
      gate.park();
      return action.run();
    } finally {
      gate.open();
      turn.unlock();
    }
  }

  /**
   * The tables changed by transactions applied after a position: all streamed ones if that was
   * before this replication was started, because then nobody knows.
   */
  public Set<QualifiedName> changedSince(Lsn position) {
    return settings.objects().streamed().stream()
        .map(Table::name)
        .filter(table -> !(touchedSince(table, position) instanceof Touched.Nothing))
        .collect(Collectors.toSet());
  }

  /**
   * What transactions applied after a position touched of a table. Rows are known by their keys
   * only for positions from the first {@link #holdAt} on, and only while they are few enough to be
   * kept in memory.
   */
  public Touched touchedSince(QualifiedName table, Lsn position) {
    return touched.since(table, position);
  }

  /** Forgets which rows of a table were touched up to a position. */
  public void forgetTouched(QualifiedName table, Lsn upTo) {
    touched.forget(table, upTo);
  }

  /** The position replication was started from; nothing is known of changes before it. */
  public Lsn start() {
    return start;
  }

  /** How far the target is behind, as of the newest mark. */
  public Lag lag() {
    Lsn applied = state.applied();
    Lsn source = Lsn.max(heartbeat.source(), applied);
    return new Lag(source, loop.received(), applied, source.bytesSince(applied), heartbeat.lag());
  }

  /** The table that does not look as planned any more, if that is why replication ended. */
  public Optional<RelationChange> relationChange() {
    return loop.change();
  }

  /** What was applied since the start. */
  public ApplyCounters counters() {
    return state.counters();
  }

  /**
   * Makes sure that replication goes on.
   *
   * @throws MigrationException why it does not
   */
  public void check() {
    state.check();
  }

  /** Waits until replication ends; false if it still goes on after that time. */
  public boolean awaitEnd(Duration patience) throws InterruptedException {
    return applier.join(patience);
  }

  /** Stops: what is not committed on the target is applied by the next start. */
  @Override
  public void close() {
    loop.stop();
    gate.end();
    try {
      applier.join(STOP_MILLIS);
      if (applier.isAlive()) {
        loop.abort();
        applier.join(STOP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      heartbeat.close();
    }
  }
}
