package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.load.LoadQueue.Begin;
import dev.pgportage.load.LoadQueue.Task;
import dev.pgportage.load.LoadQueue.Whole;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.spread.ChunkExecutor;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.LoadLedger.Cut;
import dev.pgportage.state.TableState;
import dev.pgportage.state.TableState.Copied;
import dev.pgportage.state.TableState.Copying;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Copies every row of a snapshot of the source to the target, once, however often it is run.
 *
 * <p>Tables are cut into chunks, the biggest tables first; workers copy them in parallel, each
 * chunk and its ledger row in one target transaction. A table is saved as {@link TableState.Copied}
 * with the consistent point of the snapshot its rows come from. Not thread-safe: one run at a time.
 */
public final class FullLoad {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final Comparator<Table> ORDER =
      Comparator.comparingLong(Table::bytes).reversed().thenComparing(Table::name);

  private final CopyRoute route;
  private final MigrationConfig.Load settings;
  private final LoadLedger ledger;
  private final Monitor monitor;
  private final Retries retries;
  private final Optional<ChunkExecutor> elsewhere;

  /** Who is told how a load goes. */
  @FunctionalInterface
  public interface Listener {
    /** A table is complete, perhaps since an earlier run; by any thread, and must be quick. */
    void complete(Table table);

    /**
     * A moment has passed; by the thread that runs the load.
     *
     * @throws MigrationException to end the load
     */
    default void meanwhile() {}
  }

  /** A load along a route; its progress is kept in the ledger. */
  public FullLoad(
      CopyRoute route, MigrationConfig.Load settings, LoadLedger ledger, Monitor monitor) {
    this(route, settings, ledger, monitor, Retries.usual());
  }

  /**
   * The same with chunks copied on other machines.
   *
   * @param elsewhere what does that; empty for threads of this process
   */
  public FullLoad copying(Optional<ChunkExecutor> elsewhere) {
    return new FullLoad(this, elsewhere);
  }

  private FullLoad(FullLoad other, Optional<ChunkExecutor> elsewhere) {
    this.route = other.route;
    this.settings = other.settings;
    this.ledger = other.ledger;
    this.monitor = other.monitor;
    this.retries = other.retries;
    this.elsewhere = elsewhere;
  }

  FullLoad(
      CopyRoute route,
      MigrationConfig.Load settings,
      LoadLedger ledger,
      Monitor monitor,
      Retries retries) {
    this.route = route;
    this.settings = settings;
    this.ledger = ledger;
    this.monitor = monitor;
    this.retries = retries;
    this.elsewhere = Optional.empty();
  }

  /**
   * Copies all that is not on the target yet.
   *
   * <p>Tables that are complete stay as they are. Tables begun under the same consistent point are
   * continued; those begun under another are emptied and copied anew. A table not yet begun must be
   * empty on the target.
   *
   * <p>Cut connections, restarting servers and deadlocks are outlived for some minutes. When this
   * throws, no worker is running any more, and running it again continues.
   *
   * @param objects whose row holders are copied
   * @param snapshot must stay exported until this returns
   * @param listener told of every table as soon as it is complete, those of earlier runs included
   * @throws MigrationException SNAPSHOT_LOST if the snapshot is gone, or tables were truncated or
   *     rewritten since it was taken: run again with a newer one; INTERRUPTED if the calling thread
   *     is; SOURCE_ENDANGERED at a limit that protects the source; LOAD_FAILED, DISK_FULL and
   *     others if a table cannot be copied
   */
  public void run(ObjectSet objects, Snapshot snapshot, Listener listener) {
    run(objects, snapshot, Map.of(), listener);
  }

  /**
   * The same, but a table begun under another snapshot, whose rows touched since are known, keeps
   * its chunks: only those rows of them are copied again.
   *
   * @param touched the keys of all rows touched between the table's snapshot and this one
   */
  public void run(
      ObjectSet objects,
      Snapshot snapshot,
      Map<QualifiedName, TouchedKeys> touched,
      Listener listener) {
    var tables = objects.rowHolders().stream().map(ObjectSet.Member::table).sorted(ORDER).toList();
    var governor = new Governor(route.source(), settings.limits(), monitor, BETWEEN_LOOKS);
    List<Task> tasks = plan(tables, snapshot, touched, listener);
    if (tasks.isEmpty()) {
      return;
    }
    var setup = new LoadJob.Setup(route, ledger, snapshot, retries, monitor, governor, listener);
    int workers = governor.workers(settings.workers());
    if (elsewhere.isPresent() && isWorthIt(tasks)) {
      new SpreadLoad(setup, elsewhere.get(), workers).run(tasks);
    } else {
      new LoadJob(setup, new LoadQueue(tasks)).run(workers);
    }
  }

  /** What fits into one chunk is copied here before workers have come. */
  private boolean isWorthIt(List<Task> tasks) {
    return tasks.stream().mapToLong(task -> task.load().table().bytes()).sum()
        > settings.chunkBytes();
  }

  private List<Task> plan(
      List<Table> tables,
      Snapshot snapshot,
      Map<QualifiedName, TouchedKeys> touched,
      Listener listener) {
    try (Connection source = route.source().open("load");
        Connection target = route.target().open("load")) {
      int sourceMajor = ServerVersion.of(source).major();
      int targetMajor = ServerVersion.of(target).major();
      var columns = TargetTables.columns(target);
      tables.forEach(table -> TargetTables.requireColumns(table, columns));
      enter(target, tables);
      Map<QualifiedName, TableState> states = ledger.tables(target);
      Map<QualifiedName, Cut> cuts = ledger.cuts(target);
      Map<QualifiedName, Long> rows = ledger.copiedRows(target);
      var tasks = new ArrayList<Task>();
      for (Table table : tables) {
        TableState state = states.get(table.name());
        var types = columns.getOrDefault(table.name(), Map.of());
        var format = CopyFormat.of(table, types, sourceMajor, targetMajor);
        // Chunks on the target hold only if the others are cut as they were.
        boolean goesOn =
            touched.containsKey(table.name())
                || (state != null && state.equals(new Copying(snapshot.consistentPoint())));
        Cut anew = Chunk.cut(table, settings.chunkBytes(), settings.workers(), sourceMajor);
        Cut cut = goesOn ? cuts.getOrDefault(table.name(), anew) : anew;
        var keys = Optional.ofNullable(touched.get(table.name()));
        var load = new TableLoad(table, format, cut, keys, monitor);
        if (state instanceof Copied) {
          load.already(rows.getOrDefault(table.name(), 0L), table.bytes());
          listener.complete(table);
        } else {
          tasks.add(cut.chunks() == 1 ? new Whole(load) : new Begin(load));
        }
      }
      return tasks;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.LOAD_FAILED, "Planning the load");
    }
  }

  private void enter(Connection target, List<Table> tables) throws SQLException {
    Set<QualifiedName> known = ledger.tables(target).keySet();
    target.setAutoCommit(false);
    for (Table table : tables) {
      if (!known.contains(table.name())) {
        long rows = Math.max(0, Math.round(table.estimatedRows()));
        ledger.plan(target, table.name(), table.bytes(), rows);
      }
    }
    target.commit();
    target.setAutoCommit(true);
  }
}
