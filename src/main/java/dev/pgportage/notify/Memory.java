package dev.pgportage.notify;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.NoticeLog.Told;
import dev.pgportage.state.StateStore;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was told and has not ended: in memory, and in the state whenever the target answers, so that
 * the next run knows it. A target that does not answer holds up nothing but the threads that tell;
 * what is to be written waits. Owns a session on the target. Thread-safe.
 */
final class Memory implements AutoCloseable {
  private static final int MOST_WAITING = 1000;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private interface Write {
    void to(Connection connection) throws SQLException;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Database target;
  private final String migration;
  private final NoticeLog log;
  private final Set<Told> open = new HashSet<>();
  private final ArrayDeque<Write> waiting = new ArrayDeque<>();
  private @Nullable Connection session;
  private boolean loaded;

  Memory(Database target, String migration) {
    this.target = target;
    this.migration = migration;
    this.log = new NoticeLog(migration);
  }

  /** Whether a topic was told, or is about to be, and has not ended. */
  boolean isOpen(Told told) {
    return locked(
        () -> {
          flush();
          return open.contains(told);
        });
  }

  /** What of a topic, or of topics that begin with it and a colon, is open on a channel. */
  List<Told> open(String channel, String topic) {
    return locked(
        () -> {
          flush();
          return open.stream()
              .filter(told -> told.channel().equals(channel))
              .filter(told -> told.topic().equals(topic) || told.topic().startsWith(topic + ":"))
              .toList();
        });
  }

  /** A message is about to be sent: the same is not sent twice. */
  void begins(Told told) {
    locked(() -> open.add(told));
  }

  /** A message was not sent after all: when its topic comes again, it is tried again. */
  void failed(Told told) {
    locked(() -> open.remove(told));
  }

  /** A message was taken. */
  void sent(Told told, Notice notice) {
    later(
        connection -> {
          // What has ended while its message was under way is not open any more.
          if (!notice.over() && open.contains(told)) {
            log.sent(connection, told, notice.kind().toString(), notice.headline());
          }
          log.works(connection, told.channel());
        });
  }

  /** A topic has ended. */
  void ended(Told told) {
    failed(told);
    later(connection -> log.ended(connection, told));
  }

  /** A channel takes no messages. */
  void fails(String channel, String why) {
    later(connection -> log.fails(connection, channel, why));
  }

  /** Something that belongs to the audit trail and happened outside of the migration's session. */
  void note(Event event) {
    later(connection -> new EventLog(migration).append(connection, event));
  }

  private void later(Write write) {
    locked(
        () -> {
          if (waiting.size() == MOST_WAITING) {
            waiting.removeFirst();
          }
          waiting.addLast(write);
          flush();
          return true;
        });
  }

  private <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private void flush() {
    if (loaded && waiting.isEmpty()) {
      return;
    }
    try {
      Connection connection = connection();
      if (connection == null) {
        return;
      }
      if (!loaded) {
        open.addAll(log.open(connection));
        loaded = true;
      }
      while (!waiting.isEmpty()) {
        waiting.getFirst().to(connection);
        waiting.removeFirst();
      }
    } catch (SQLException | MigrationException e) {
      // Whoever needs the target tells of it; what is to be written waits for the next time.
      drop();
    }
  }

  /** The session, once the target has the migration's state. */
  private @Nullable Connection connection() throws SQLException {
    if (session == null) {
      // Named "status", so that a process taking over the lease leaves this session alone.
      session = target.open("status");
    }
    boolean known = loaded || StateStore.find(session, migration).isPresent();
    return known ? session : null;
  }

  private void drop() {
    Connection lost = session;
    session = null;
    if (lost != null) {
      try {
        lost.close();
      } catch (SQLException e) {
        // It is lost anyway.
        return;
      }
    }
  }

  /** Writes what waits, unless the target does not answer. */
  @Override
  public void close() {
    try {
      if (lock.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          flush();
          drop();
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
