package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Marks sent through the source's WAL at an interval: they advance the slot of an idle database,
 * and the time until one is applied is the lag, end to end, by this machine's clock alone.
 *
 * <p>Owns a session on the source and a thread. Thread-safe. Source: PostgreSQL manual, "Generic
 * Replication Functions", pg_logical_emit_message; transactional, because only a commit is flushed
 * at once, and what is not flushed is not sent.
 */
final class Heartbeat implements AutoCloseable {
  /** The prefix of every message of this program. */
  static final String PREFIX = "pgportage";

  private static final String EMIT = "SELECT pg_logical_emit_message(true, ?, ?)";

  private final Connection connection;
  private final Duration interval;
  private final long birth = System.nanoTime();
  private final ArrayDeque<Long> underWay = new ArrayDeque<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::beat, "heartbeat");
  private Duration lastLag = Duration.ZERO;
  private volatile @Nullable MigrationException failure;

  private Heartbeat(Connection connection, Duration interval) {
    this.connection = connection;
    this.interval = interval;
    thread.setDaemon(true);
    thread.start();
  }

  /** Begins to send marks. */
  static Heartbeat start(Database source, Duration interval) {
    return new Heartbeat(source.open("heartbeat"), interval);
  }

  /**
   * Sends one mark now; everything committed on the source before this call is before it.
   *
   * @param connection a session on the source in auto-commit mode
   * @return the mark's position; a target that applied up to it has everything before this call
   */
  static Lsn mark(Connection connection) throws SQLException {
    return Lsn.parse(Sql.queryText(connection, EMIT, PREFIX, "mark").orElseThrow());
  }

  /** Notes that a mark of this program was applied. */
  void applied(String prefix, ByteBuffer content) {
    String text = StandardCharsets.UTF_8.decode(content.duplicate()).toString();
    if (!prefix.equals(PREFIX) || !text.startsWith("beat ")) {
      return;
    }
    long sent;
    try {
      sent = Long.parseLong(text.substring(5));
    } catch (NumberFormatException e) {
      return; // Somebody else's message under the same prefix.
    }
    synchronized (underWay) {
      if (!underWay.contains(sent)) {
        return; // Of a former process: its clock says nothing here.
      }
      while (!underWay.isEmpty() && underWay.getFirst() <= sent) {
        underWay.removeFirst();
      }
      lastLag = Duration.ofNanos(now() - sent);
    }
  }

  /** How long the newest applied mark took, or how long the oldest one has been under way. */
  Duration lag() {
    synchronized (underWay) {
      if (underWay.isEmpty()) {
        return lastLag;
      }
      Duration waiting = Duration.ofNanos(now() - underWay.getFirst());
      return waiting.compareTo(lastLag) > 0 ? waiting : lastLag;
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

  private long now() {
    return System.nanoTime() - birth;
  }

  private void beat() {
    try {
      do {
        long sent = now();
        synchronized (underWay) {
          underWay.addLast(sent);
        }
        Sql.queryText(connection, EMIT, PREFIX, "beat " + sent);
      } while (!closing.await(interval.toMillis(), TimeUnit.MILLISECONDS));
    } catch (SQLException e) {
      failure = SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Sending a mark");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(5_000);
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Closing the heartbeat's session");
    }
  }
}
