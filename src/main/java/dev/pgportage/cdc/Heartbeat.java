package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Marks sent through the source's WAL at an interval: they advance the slot of an idle database,
 * and the time until one is applied is the lag, end to end, by this machine's clock alone.
 *
 * <p>A mark counts as applied once the applied position is beyond it, which also holds for
 * PostgreSQL 12 and 13, whose pgoutput does not send messages. Owns a session on the source and a
 * thread. Thread-safe. Source: PostgreSQL manual, "Generic Replication Functions",
 * pg_logical_emit_message; transactional, because only a commit is flushed at once, and what is not
 * flushed is not sent.
 */
final class Heartbeat implements AutoCloseable {
  /** The prefix of every message of this program. */
  private static final String PREFIX = "pgportage";

  private static final String EMIT = "SELECT pg_logical_emit_message(true, ?, '')";
  private static final long CLOSE_MILLIS = 5_000;

  private record Mark(long sent, Lsn position) {}

  private final Connection connection;
  private final Duration interval;
  private final Supplier<Lsn> applied;
  private final Runnable afterBeat;
  private final Thread thread = new Thread(this::beat, "heartbeat");

  private final Object lock = new Object();
  private final ArrayDeque<Mark> underWay = new ArrayDeque<>();
  private Lsn source = Lsn.ZERO;
  private Duration lastLag = Duration.ZERO;
  private boolean wanted;
  private boolean closing;
  private volatile @Nullable MigrationException failure;

  private Heartbeat(
      Connection connection, Duration interval, Supplier<Lsn> applied, Runnable afterBeat) {
    this.connection = connection;
    this.interval = interval;
    this.applied = applied;
    this.afterBeat = afterBeat;
    thread.setDaemon(true);
  }

  /**
   * Opens the session; {@link #start} then begins to send marks.
   *
   * @param applied everything before it is on the target
   * @param afterBeat called after each mark, on the heartbeat's thread
   */
  static Heartbeat open(
      Database source, Duration interval, Supplier<Lsn> applied, Runnable afterBeat) {
    return new Heartbeat(source.open("heartbeat"), interval, applied, afterBeat);
  }

  void start() {
    thread.start();
  }

  /** Sends one mark in another session, and returns its position. */
  static Lsn mark(Connection session) throws SQLException {
    return Lsn.parse(Sql.queryText(session, EMIT, PREFIX).orElseThrow());
  }

  /** Sends a mark soon: everything committed on the source before this call is before it. */
  void prod() {
    synchronized (lock) {
      wanted = true;
      lock.notifyAll();
    }
  }

  /** Takes note that more was applied. */
  void moved() {
    synchronized (lock) {
      settle();
    }
  }

  /** How long the newest applied mark took, or how long the oldest one has been under way. */
  Duration lag() {
    synchronized (lock) {
      if (underWay.isEmpty()) {
        return lastLag;
      }
      Duration waiting = Duration.ofNanos(System.nanoTime() - underWay.getFirst().sent);
      return waiting.compareTo(lastLag) > 0 ? waiting : lastLag;
    }
  }

  /** Where the source's WAL was when the newest mark was sent. */
  Lsn source() {
    synchronized (lock) {
      return source;
    }
  }

  /**
   * Makes sure that marks are still being sent.
   *
   * @throws MigrationException why not
   */
  void check() {
    MigrationException ended = failure;
    if (ended != null) {
      throw ended;
    }
  }

  private void beat() {
    try {
      do {
        long sent = System.nanoTime();
        Lsn position = Lsn.parse(Sql.queryText(connection, EMIT, PREFIX).orElseThrow());
        synchronized (lock) {
          source = position;
          underWay.addLast(new Mark(sent, position));
          settle();
        }
        afterBeat.run();
      } while (pause());
    } catch (SQLException e) {
      failure = SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Sending a mark");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the next beat's time; false if there is none. */
  private boolean pause() throws InterruptedException {
    long deadline = System.nanoTime() + interval.toNanos();
    synchronized (lock) {
      long left = interval.toNanos();
      while (!closing && !wanted && left > 0) {
        lock.wait(left / 1_000_000 + 1);
        left = deadline - System.nanoTime();
      }
      wanted = false;
      return !closing;
    }
  }

  private void settle() {
    Lsn there = applied.get();
    while (!underWay.isEmpty() && underWay.getFirst().position.isBefore(there)) {
      lastLag = Duration.ofNanos(System.nanoTime() - underWay.removeFirst().sent);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closing = true;
      lock.notifyAll();
    }
    try {
      thread.join(CLOSE_MILLIS);
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Closing the heartbeat's session");
    }
  }
}
