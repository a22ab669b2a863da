package dev.pgportage.demo;

import dev.pgportage.demo.ShopTransactions.Kind;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A shop's application: threads that make transactions one after the other, as clients of a
 * connection pool do. A lost connection or a database that has become read-only is tried again
 * until it serves; any other error is kept and shown.
 *
 * <p>Thread-safe.
 */
public final class ShopWriter implements AutoCloseable {
  private static final Duration RETRY = Duration.ofMillis(20);

  private final List<Thread> threads = new ArrayList<>();
  private final Duration thinkTime;
  private final Set<UUID> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger rolledBack = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicLong longestPause = new AtomicLong();
  private final ConcurrentLinkedQueue<SQLException> failures = new ConcurrentLinkedQueue<>();
  private volatile Login login;
  private volatile boolean running = true;

  /** Opens a session of the application. */
  @FunctionalInterface
  public interface Login {
    /** A new session. */
    Connection open() throws SQLException;
  }

  private ShopWriter(Login login, Duration thinkTime) {
    this.login = login;
    this.thinkTime = thinkTime;
  }

  /**
   * Starts writing.
   *
   * @param thinkTime how long each thread rests after each transaction
   */
  public static ShopWriter start(Login login, int threads, Duration thinkTime) {
    var writer = new ShopWriter(login, thinkTime);
    for (int i = 0; i < threads; i++) {
      int number = i;
      var thread = new Thread(() -> writer.work(number), "shop-" + number);
      thread.setDaemon(true);
      writer.threads.add(thread);
      thread.start();
    }
    return writer;
  }

  /** Points the application at another database; its sessions on the old one end. */
  public void switchTo(Login other) {
    login = other;
  }

  /** How many transactions the database has acknowledged so far. */
  public int committed() {
    return acknowledged.size();
  }

  /** The transactions acknowledged so far. */
  public Set<UUID> acknowledged() {
    return new HashSet<>(acknowledged);
  }

  /** How often a session was lost or refused to write. */
  public int refused() {
    return refused.get();
  }

  /** How many transactions were rolled back, by will or by a conflict with another one. */
  public int rolledBack() {
    return rolledBack.get();
  }

  /** The longest time one thread was without an acknowledged commit. */
  public Duration longestPause() {
    return Duration.ofNanos(longestPause.get());
  }

  /** Errors that no application would expect; none, if all is well. */
  public List<SQLException> failures() {
    return List.copyOf(failures);
  }

  /** Stops after the transactions under way. */
  @Override
  public void close() {
    running = false;
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(int number) {
    var random = new Random(number);
    long last = System.nanoTime();
    while (running) {
      Login mine = login;
      try (Connection connection = mine.open()) {
        connection.setAutoCommit(false);
        var shop = new ShopTransactions(connection, random);
        while (running && mine.equals(login)) {
          if (transact(connection, shop, Kind.any(random), number)) {
            long now = System.nanoTime();
            longestPause.accumulateAndGet(now - last, Math::max);
            last = now;
          }
          LockSupport.parkNanos(thinkTime.toNanos());
        }
      } catch (SQLException e) {
        noteFailure(e);
        LockSupport.parkNanos(RETRY.toNanos());
      }
    }
  }

  /** One transaction; true if it was acknowledged, false if it gave way to another one. */
  private boolean transact(Connection connection, ShopTransactions shop, Kind kind, int number)
      throws SQLException {
    UUID tx = UUID.randomUUID();
    try {
      shop.run(kind, tx, number);
      if (kind == Kind.PLACE_ORDER && tx.hashCode() % 10 == 0) {
        connection.rollback();
        rolledBack.incrementAndGet();
        return false;
      }
      connection.commit();
      acknowledged.add(tx);
      return true;
    } catch (SQLException e) {
      if (!isConflict(e)) {
        throw e;
      }
      connection.rollback();
      rolledBack.incrementAndGet();
      return false;
    }
  }

  private void noteFailure(SQLException error) {
    if (SqlStates.isConnectionFailure(error) || isRefusal(error)) {
      refused.incrementAndGet();
    } else {
      failures.add(error);
    }
  }

  private static boolean isConflict(SQLException error) {
    String state = String.valueOf(error.getSQLState());
    return state.startsWith("40") || state.equals("23505");
  }

  private static boolean isRefusal(SQLException error) {
    String state = String.valueOf(error.getSQLState());
    return state.equals("25006") || state.startsWith("57P") || state.startsWith("08");
  }
}
