package dev.pgportage.cutover;

import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Clients that write to table {@code t} without rest, reconnect whenever their session is ended,
 * and remember what they were told is committed.
 */
final class Writers implements AutoCloseable {
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final TestDatabase source;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong next = new AtomicLong();
  private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refusals = new AtomicInteger();
  private volatile boolean stopped;

  Writers(TestDatabase source, int clients) {
    this.source = source;
    for (int i = 0; i < clients; i++) {
      Thread thread = new Thread(this::write, "writer-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  List<Long> acknowledged() {
    return List.copyOf(acknowledged);
  }

  void awaitCommits(int count) {
    await(() -> acknowledged.size() >= count);
  }

  /** Waits for so many more refused writes. */
  void awaitRefusals(int count) {
    int before = refusals.get();
    await(() -> refusals.get() >= before + count);
  }

  private static void await(BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > PATIENCE_NANOS) {
        throw new AssertionError("The writers do not get there");
      }
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
    }
  }

  private void write() {
    @Nullable Connection connection = null;
    while (!stopped) {
      long id = next.incrementAndGet();
      try {
        if (connection == null) {
          connection = source.writer();
        }
        Sql.execute(connection, "INSERT INTO t VALUES (" + id + ")");
        acknowledged.add(id);
      } catch (SQLException e) {
        if ("25006".equals(e.getSQLState())) {
          refusals.incrementAndGet();
        } else {
          connection = null;
        }
      }
    }
    close(connection);
  }

  private static void close(@Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
