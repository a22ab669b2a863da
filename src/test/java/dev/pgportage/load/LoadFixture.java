package dev.pgportage.load;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.schema.Table;
import dev.pgportage.state.Lease;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.TableState;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A source and a target with least-privileged roles, the state made, ready for a load. */
final class LoadFixture implements AutoCloseable, Monitor {
  static final String MIGRATION = "shop";
  static final String APPLICATION = "pgportage shop";

  /** Chunks of one page each, for tables that are to have many. */
  static final long TINY_CHUNKS = 8192;

  final TestDatabase source;
  final TestDatabase target;
  final CopyRoute route;
  final List<Event> events = new CopyOnWriteArrayList<>();
  final Map<QualifiedName, Progress.Reading> progress = new ConcurrentHashMap<>();
  final List<QualifiedName> complete = new CopyOnWriteArrayList<>();
  private final Lease lease;
  private final AtomicInteger reports = new AtomicInteger();
  private int disturbedReport = -1;
  private Disturbance disturbance = () -> {};

  /** Something that goes wrong in the middle of a load. */
  @FunctionalInterface
  interface Disturbance {
    void happen() throws Exception;
  }

  /** Lets something happen once, in a worker, when progress has been reported some times. */
  void disturbAfter(int count, Disturbance what) {
    disturbedReport = reports.get() + count;
    disturbance = what;
  }

  LoadFixture(TestDatabase source, TestDatabase target, boolean replicaRole) throws SQLException {
    this.source = source;
    this.target = target;
    this.route =
        new CopyRoute(
            new Database(source.endpoint(), APPLICATION),
            new Database(target.endpoint(), APPLICATION),
            replicaRole,
            true);
    try (var connection = route.target().open("control")) {
      StateStore.create(connection);
      StateStore.enter(connection, MIGRATION, "full-load", "1/x", "hash");
    }
    lease = StateStore.lease(route.target(), MIGRATION, "test");
  }

  static LoadFixture between(int sourceMajor, int targetMajor) throws SQLException {
    return between(Servers.version(sourceMajor), Servers.version(targetMajor));
  }

  static LoadFixture between(EmbeddedServer source, EmbeddedServer target) throws SQLException {
    return new LoadFixture(TestDatabase.source(source), TestDatabase.target(target), true);
  }

  /** Makes the same schema on both sides. */
  LoadFixture schema(String sql) throws SQLException {
    source.execute(sql);
    target.execute(sql);
    return this;
  }

  LoadLedger ledger() {
    return new LoadLedger(lease.run());
  }

  FullLoad load(long chunkBytes) {
    return load(3, chunkBytes);
  }

  FullLoad load(int workers, long chunkBytes) {
    var patience = Duration.ofSeconds(60);
    return new FullLoad(
        route,
        new MigrationConfig.Load(workers, 1, chunkBytes, 0),
        ledger(),
        this,
        new Retries(Duration.ofMillis(20), Duration.ofMillis(500), patience));
  }

  ObjectSet objects() throws SQLException {
    try (var connection = route.source().open("catalog")) {
      return ObjectSets.resolve(
          CatalogReader.read(connection), MigrationConfig.Filters.none(), true);
    }
  }

  ExportedSnapshot snapshot() {
    return ExportedSnapshot.take(route.source());
  }

  /** Loads everything under a snapshot of its own. */
  void run(long chunkBytes) throws SQLException {
    try (var snapshot = snapshot()) {
      run(chunkBytes, objects(), snapshot.snapshot());
    }
  }

  /** Loads everything under a snapshot of its own, with some workers. */
  void run(int workers, long chunkBytes) throws SQLException {
    try (var snapshot = snapshot()) {
      load(workers, chunkBytes).run(objects(), snapshot.snapshot(), t -> complete.add(t.name()));
    }
  }

  void run(long chunkBytes, ObjectSet objects, Snapshot snapshot) {
    load(chunkBytes).run(objects, snapshot, table -> complete.add(table.name()));
  }

  TableState state(String table) throws SQLException {
    try (var connection = route.target().open("control")) {
      return ledger().table(connection, new QualifiedName("public", table)).orElseThrow();
    }
  }

  long chunks(String table) throws SQLException {
    return target.number("SELECT count(*) FROM pgportage.chunk WHERE table_name = '" + table + "'");
  }

  /** All rows a table holds itself as one hash, whatever their order. */
  static Optional<String> digest(TestDatabase database, QualifiedName table) throws SQLException {
    return database.text(
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(h, '' ORDER BY h COLLATE \"C\")), '')"
            + " FROM (SELECT md5(whole_row::text) AS h FROM ONLY "
            + table.sql()
            + " whole_row) d");
  }

  Map<QualifiedName, String> digests(TestDatabase database) throws SQLException {
    var digests = new java.util.TreeMap<QualifiedName, String>();
    for (Table table : objects().rowHolders().stream().map(ObjectSet.Member::table).toList()) {
      digests.put(table.name(), digest(database, table.name()).orElseThrow());
    }
    return digests;
  }

  @Override
  public void event(Event event) {
    events.add(event);
  }

  @Override
  public void loading(QualifiedName table, Progress.Reading total) {
    progress.put(table, total);
    if (reports.incrementAndGet() == disturbedReport) {
      try {
        disturbance.happen();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    lease.close();
    source.close();
    target.close();
  }
}
