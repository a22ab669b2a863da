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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * A running replication from the source's slots to the target, until it is closed or fails.
 *
 * <p>Owns its sessions and threads ({@code wal-reader}, {@code applier}, {@code heartbeat}). With
 * one stream the target always shows a state the source had: each of its transactions carries whole
 * transactions of the source, in the order of their commits, and the position they lead to. With
 * several, each for tables of its own, that holds for the tables of each; for all of them it does
 * while they stand at one position ({@link #holdAt}). If one fails, all end. Thread-safe.
 */
public final class Replication implements AutoCloseable {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

  /** Something done while the applier stands still. */
  @FunctionalInterface
  public interface Action<T, E extends Exception> {
    /** Does it; must not wait for anything to be applied. */
    T run() throws E;
  }

  private final List<Applier> appliers = new ArrayList<>();
  private final List<AppliedState> states;
  private final Lsn start;
  private final TouchedRows touched;
  private final Heartbeat heartbeat;
  private final ReentrantLock turn = new ReentrantLock(true);

  private Replication(List<ReplicationSettings> streams, List<Lsn> starts, Monitor monitor) {
    ReplicationSettings first = streams.getFirst();
    this.states = starts.stream().map(AppliedState::new).toList();
    this.start = Collections.min(starts);
    this.touched = new TouchedRows(start, TouchedRows.DEFAULT_BYTES);
    this.heartbeat =
        Heartbeat.open(first.source(), first.heartbeat(), this::applied, () -> monitor.lag(lag()));
    try {
      for (int i = 0; i < streams.size(); i++) {
        ReplicationSettings settings = streams.get(i);
        var watcher = new SpoolWatcher(settings.share().prefix(), monitor, heartbeat::source);
        appliers.add(
            new Applier(settings, states.get(i), touched, heartbeat, watcher, this::endAll));
      }
    } catch (RuntimeException e) {
      appliers.forEach(Applier::abort);
      heartbeat.close();
      throw e;
    }
  }

  /**
   * Starts from the position saved in the target's state.
   *
   * @param monitor is told the lag after each mark
   * @throws MigrationException if a session cannot be opened; whatever happens later is told by
   *     {@link #check}
   */
  public static Replication start(ReplicationSettings settings, Monitor monitor) {
    return start(List.of(settings), monitor);
  }

  /**
   * Starts several streams, each from its position saved in the target's state.
   *
   * @param streams for disjoint tables
   * @param monitor is told the least position's lag after each mark
   * @throws MigrationException if a session cannot be opened; whatever happens later is told by
   *     {@link #check}
   */
  public static Replication start(List<ReplicationSettings> streams, Monitor monitor) {
    var replication = new Replication(streams, positions(streams), monitor);
    replication.heartbeat.start();
    replication.appliers.forEach(Applier::start);
    return replication;
  }

  private static List<Lsn> positions(List<ReplicationSettings> streams) {
    ReplicationSettings first = streams.getFirst();
    try (Connection target = first.target().open("setup")) {
      Map<Integer, Lsn> saved = new ApplyProgress(first.run()).streams(target);
      var positions = new ArrayList<Lsn>();
      for (ReplicationSettings settings : streams) {
        Lsn position = saved.get(settings.share().stream());
        if (position == null) {
          throw new MigrationException(
              ErrorCode.SLOT_MISSING,
              "Migration "
                  + first.run().migration()
                  + " has no position yet for what slot "
                  + settings.slot()
                  + " sends");
        }
        positions.add(position);
      }
      return positions;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading the applied position");
    }
  }

  private void endAll(MigrationException reason) {
    appliers.forEach(applier -> applier.end(reason));
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

  /** How many streams it has. */
  public int streams() {
    return appliers.size();
  }

  /** The position up to which everything committed on the source is on the target. */
  public Lsn applied() {
    Lsn least = states.getFirst().applied();
    for (int i = 1; i < states.size(); i++) {
      Lsn other = states.get(i).applied();
      least = other.isBefore(least) ? other : least;
    }
    return least;
  }

  /**
   * The newest position that anything was applied up to. With one stream the same as {@link
   * #applied}; with several one of them is there, others may be behind.
   */
  public Lsn reached() {
    return states.stream().map(AppliedState::applied).reduce(start, Lsn::max);
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
    long deadline = System.nanoTime() + patience.toNanos();
    for (AppliedState state : states) {
      long left = Math.max(0, deadline - System.nanoTime());
      if (!state.await(position, Duration.ofNanos(left))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Brings the target to an exact point: applies every transaction that committed before it, none
   * other, does something, and goes on. From there on it is kept which rows are touched.
   *
   * @param point makes the point, such as a temporary slot's consistent point; called while nothing
   *     is applied, so that no applier can have passed it; one that some have passed is taken for
   *     the position of the one that has come farthest
   * @param action sees the target at the point
   */
  public <T, E extends Exception> T holdAt(Action<Lsn, E> point, Action<T, E> action) throws E {
    turn.lock();
    try {
      park();
      Lsn position = Lsn.max(point.run(), reached());
      heartbeat.prod();
      appliers.forEach(applier -> applier.gate().advance(position));
      appliers.forEach(applier -> applier.gate().awaitStanding());
      if (appliers.size() > 1) {
        appliers.forEach(applier -> applier.standsAt(position));
      }
      touched.track(position);
      return action.run();
    } finally {
      open();
      turn.unlock();
    }
  }

  /** Does something short on the target, such as DDL, while nothing is applied. */
  public <T, E extends Exception> T whilePaused(Action<T, E> action) throws E {
    turn.lock();
    try {
      park();
      return action.run();
    } finally {
      open();
      turn.unlock();
    }
  }

  private void park() {
    appliers.forEach(applier -> applier.gate().park());
    appliers.forEach(applier -> applier.gate().awaitStanding());
  }

  private void open() {
    appliers.forEach(applier -> applier.gate().open());
  }

  /**
   * The tables changed by transactions applied after a position: all streamed ones if that was
   * before this replication was started, because then nobody knows.
   */
  public Set<QualifiedName> changedSince(Lsn position) {
    return appliers.getFirst().settings().objects().streamed().stream()
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

  /** The least position replication was started from; nothing is known of changes before it. */
  public Lsn start() {
    return start;
  }

  /** How far the target is behind, as of the newest mark. */
  public Lag lag() {
    Lsn applied = applied();
    Lsn source = Lsn.max(heartbeat.source(), applied);
    Lsn received = Collections.min(appliers.stream().map(a -> a.loop().received()).toList());
    return new Lag(source, received, applied, source.bytesSince(applied), heartbeat.lag());
  }

  /** The table that does not look as planned any more, if that is why replication ended. */
  public Optional<RelationChange> relationChange() {
    return appliers.stream().map(a -> a.loop().change()).flatMap(Optional::stream).findFirst();
  }

  /** What was applied since the start; a transaction counts once in each stream it came in. */
  public ApplyCounters counters() {
    return states.stream()
        .map(AppliedState::counters)
        .reduce(ApplyCounters.NONE, ApplyCounters::plus);
  }

  /**
   * Makes sure that replication goes on.
   *
   * @throws MigrationException why it does not
   */
  public void check() {
    states.forEach(AppliedState::check);
  }

  /** Waits until replication ends; false if it still goes on after that time. */
  public boolean awaitEnd(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean ended = true;
    for (Applier applier : appliers) {
      ended &= applier.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
    return ended;
  }

  /** Stops: what is not committed on the target is applied by the next start. */
  @Override
  public void close() {
    appliers.forEach(Applier::stop);
    try {
      if (!awaitEnd(STOP_PATIENCE)) {
        appliers.forEach(Applier::abort);
        awaitEnd(STOP_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      heartbeat.close();
    }
  }
}
