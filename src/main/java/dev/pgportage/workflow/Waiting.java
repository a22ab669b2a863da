package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A wait for the source's running transactions, made visible: a slot can only begin when every
 * transaction older than it has ended, so a forgotten one would hold the migration up in silence.
 */
final class Waiting {
  private static final int FIRST_SECONDS = 5;
  private static final int LONGEST_SECONDS = 300;

  private Waiting() {}

  /** Does the work on a thread of its own and tells, ever more seldom, what it waits for. */
  static <T> T forOldTransactions(Database source, Monitor monitor, Supplier<T> work) {
    try (ExecutorService worker =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("slot-", 1).factory())) {
      CompletableFuture<T> result = CompletableFuture.supplyAsync(work, worker);
      int seconds = FIRST_SECONDS;
      while (true) {
        try {
          return result.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          tell(source, monitor);
          seconds = Math.min(LONGEST_SECONDS, seconds * 2);
        } catch (ExecutionException e) {
          throw unwrapped(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new MigrationException(ErrorCode.INTERRUPTED, "The migration was stopped", e);
        }
      }
    }
  }

  private static RuntimeException unwrapped(@org.jspecify.annotations.Nullable Throwable cause) {
    return switch (cause) {
      case MigrationException failure -> failure;
      case CompletionException wrapper -> unwrapped(wrapper.getCause());
      case RuntimeException failure -> failure;
      case null, default ->
          new MigrationException(ErrorCode.INTERNAL, "Making a slot failed", cause);
    };
  }

  private static void tell(Database source, Monitor monitor) {
    try (Connection connection = source.open("status")) {
      List<String> oldest =
          Sql.query(
              connection,
              """
              SELECT format('pid %s of role %s, for %s s', pid, usename,
                       extract(epoch FROM now() - xact_start)::bigint)
              FROM pg_stat_activity
              WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
              ORDER BY xact_start LIMIT 3
              """,
              row -> row.getString(1));
      monitor.event(
          Event.warning(
              "slot.waiting",
              "The slot waits for transactions on the source to end: "
                  + (oldest.isEmpty()
                      ? "none is visible to this role"
                      : String.join("; ", oldest))));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Looking for old transactions");
    }
  }
}
