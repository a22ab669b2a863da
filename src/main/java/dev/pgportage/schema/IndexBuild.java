package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.SchemaItem.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers that build keys and indexes, or check constraints, several at once. Tasks may be handed
 * in from any thread; the first failure stops what has not begun and is thrown to whoever comes
 * next.
 */
final class IndexBuild implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexBuild.class);

  private final ItemRunner runner;
  private final SchemaPlan plan;
  private final IndexResources resources;
  private final ExecutorService workers;
  private final BlockingQueue<Connection> idle = new LinkedBlockingQueue<>();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Queue<Future<?>> tasks = new ConcurrentLinkedQueue<>();
  private final Set<QualifiedName> begun = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable MigrationException> failure = new AtomicReference<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  IndexBuild(ItemRunner runner, SchemaPlan plan, IndexResources resources) {
    this.runner = runner;
    this.plan = plan;
    this.resources = resources;
    this.workers =
        Executors.newFixedThreadPool(
            resources.workers(), Thread.ofPlatform().name("index-", 1).factory());
  }

  /**
   * Begins a table's keys, and its indexes behind them; returns at once.
   *
   * @param last done once, behind them all
   */
  void begin(QualifiedName table, Work last) {
    requireNoFailure();
    if (!begun.add(table)) {
      return;
    }
    List<SchemaItem> keys = of(table, Stage.KEYS);
    List<SchemaItem> indexes = of(table, Stage.INDEXES);
    if (keys.isEmpty()) {
      beginIndexes(indexes, last);
    } else {
      submit(
          connection -> {
            keys.forEach(item -> runner.run(connection, item));
            beginIndexes(indexes, last);
          });
    }
  }

  private void beginIndexes(List<SchemaItem> indexes, Work last) {
    if (indexes.isEmpty()) {
      submit(last);
      return;
    }
    var left = new AtomicInteger(indexes.size());
    for (SchemaItem item : indexes) {
      submit(
          connection -> {
            runner.run(connection, item);
            if (left.decrementAndGet() == 0) {
              last.on(connection);
            }
          });
    }
  }

  private List<SchemaItem> of(QualifiedName table, Stage stage) {
    return plan.of(stage).stream()
        .filter(item -> item.table().filter(table::equals).isPresent())
        .filter(item -> item.kind().equals("CONSTRAINT") || item.kind().equals("INDEX"))
        .filter(item -> !runner.isDone(item))
        .toList();
  }

  /** Hands in one item. */
  void submit(SchemaItem item) {
    submit(connection -> runner.run(connection, item));
  }

  /** Hands in something that needs a connection of its own. */
  void submit(Work work) {
    tasks.add(
        workers.submit(
            () -> {
              if (failure.get() == null && !closed.get()) {
                attempt(work);
              }
            }));
  }

  /** What a worker does. */
  @FunctionalInterface
  interface Work {
    /** Does it on a connection without auto-commit. */
    void on(Connection connection) throws SQLException;
  }

  private void attempt(Work work) {
    try {
      Connection connection = idle.poll();
      if (connection == null) {
        connection = runner.open("index");
        connections.add(connection);
        resources.use(connection);
      }
      work.on(connection);
      idle.add(connection);
    } catch (MigrationException e) {
      failure.compareAndSet(null, e);
    } catch (SQLException e) {
      failure.compareAndSet(
          null,
          SqlFailures.translate(
              e, ErrorCode.SCHEMA_APPLY_FAILED, "Working on the target's tables"));
    }
  }

  /**
   * Waits until everything handed in is done.
   *
   * @throws MigrationException the first failure
   */
  void await() {
    for (Future<?> task = tasks.poll(); task != null; task = tasks.poll()) {
      try {
        task.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MigrationException(
            ErrorCode.INTERRUPTED, "Interrupted while indexes were built", e);
      } catch (ExecutionException e) {
        throw new MigrationException(ErrorCode.INTERNAL, "An index worker failed", e.getCause());
      }
    }
    requireNoFailure();
  }

  private void requireNoFailure() {
    MigrationException first = failure.get();
    if (first != null) {
      throw first;
    }
  }

  /** Stops the workers: what is being built is rolled back, and built anew by the next run. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    workers.shutdownNow();
    for (Connection connection : new ArrayList<>(connections)) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        // An aborted connection is what was wanted; the server ends its transaction either way.
        failure.compareAndSet(
            null, SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Closing an index worker"));
      }
    }
    try {
      if (!workers.awaitTermination(30, TimeUnit.SECONDS)) {
        LOG.warn("An index worker has not ended yet; the server rolls its work back");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
