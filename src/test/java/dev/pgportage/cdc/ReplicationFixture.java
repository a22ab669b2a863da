package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Publication;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.schema.Table;
import dev.pgportage.spool.Spool;
import dev.pgportage.state.ApplyProgress;
import dev.pgportage.state.Run;
import dev.pgportage.state.StateStore;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A source, a target with the same tables, and a slot between them. */
final class ReplicationFixture implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Run RUN = new Run("shop", 0);

  final TestDatabase source;
  final TestDatabase target;
  private final Database sourceDatabase;
  private final Database targetDatabase;
  private final String slot;
  private final boolean replicaRole;
  private Optional<ObjectSet> objects = Optional.empty();
  private Lsn consistentPoint = Lsn.ZERO;
  private long memoryBytes = ReplicationSettings.DEFAULT_MEMORY_BYTES;
  private Optional<Spool> spool = Optional.empty();
  private int streams = 1;
  private @Nullable Replication replication;

  private ReplicationFixture(TestDatabase source, TestDatabase target, boolean replicaRole) {
    this.source = source;
    this.target = target;
    this.replicaRole = replicaRole;
    this.slot = "slot_" + source.name();
    this.sourceDatabase = new Database(source.endpoint(), "pgportage shop");
    this.targetDatabase = new Database(target.endpoint(), "pgportage shop");
  }

  static ReplicationFixture between(int sourceVersion, int targetVersion) throws SQLException {
    return new ReplicationFixture(
        TestDatabase.source(sourceVersion), TestDatabase.target(targetVersion), true);
  }

  /** A target whose role may not set session_replication_role. */
  static ReplicationFixture plain(int sourceVersion, int targetVersion) throws SQLException {
    return new ReplicationFixture(
        TestDatabase.source(sourceVersion), TestDatabase.plainTarget(targetVersion), false);
  }

  /** How much memory the replication gets. */
  ReplicationFixture memory(long bytes) {
    memoryBytes = bytes;
    return this;
  }

  /** Divides the tables among so many streams, one after the other. */
  ReplicationFixture streams(int number) {
    streams = number;
    return this;
  }

  /** Lets changes wait in a spool. */
  ReplicationFixture spool(Spool opened) {
    spool = Optional.of(opened);
    return this;
  }

  /** Receives changes into the spool, with nothing applied. */
  Receiving receive() throws SQLException {
    try (var connection = targetDatabase.open("control")) {
      Lsn applied = new ApplyProgress(RUN).read(connection).orElseThrow();
      return Receiving.start(settings(Map.of()).getFirst(), applied, Monitor.none());
    }
  }

  /** Waits until the source was told that everything committed so far is safe. */
  Lsn awaitConfirmed() throws SQLException {
    Lsn mark;
    try (var connection = sourceDatabase.open("mark")) {
      mark = Replication.mark(connection);
    }
    String confirmed =
        "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '%s' AND confirmed_flush_lsn >= '%s'"
            .formatted(slot, mark);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (source.number(confirmed) == 0) {
      assertThat(System.nanoTime()).as("confirmed").isLessThan(deadline);
      Thread.onSpinWait();
    }
    return mark;
  }

  /** Makes the same schema and first rows on both sides, and the slot. */
  ReplicationFixture schema(String sql) throws SQLException {
    source.execute(sql);
    target.execute(sql);
    try (var connection = sourceDatabase.open("control")) {
      var resolved = ObjectSets.resolve(CatalogReader.read(connection), Filters.none(), false);
      objects = Optional.of(resolved);
      List<Table> tables = resolved.streamed();
      for (int stream = 1; stream <= streams; stream++) {
        int number = stream;
        new Publication("pub " + slot(stream))
            .create(
                connection,
                tables.stream()
                    .filter(table -> tables.indexOf(table) % streams == number - 1)
                    .map(table -> new Publication.Member(table.name(), false))
                    .toList());
      }
    }
    for (int stream = streams; stream >= 1; stream--) {
      try (var connection = sourceDatabase.openReplication("slot")) {
        consistentPoint = connection.createSlot(slot(stream), false).consistentPoint();
      }
    }
    try (var connection = targetDatabase.open("control")) {
      StateStore.create(connection);
      StateStore.enter(connection, "shop", "cdc", "1/x", "hash");
      new ApplyProgress(RUN).begin(connection, consistentPoint, streams);
    }
    return this;
  }

  private String slot(int stream) {
    return stream == 1 ? slot : slot + "_s" + stream;
  }

  Lsn consistentPoint() {
    return consistentPoint;
  }

  ReplicationFixture start() {
    return start(Map.of());
  }

  ReplicationFixture start(Map<QualifiedName, Lsn> snapshots) {
    replication = Replication.start(settings(snapshots), Monitor.none());
    return this;
  }

  private List<ReplicationSettings> settings(Map<QualifiedName, Lsn> snapshots) {
    return IntStream.rangeClosed(1, streams).mapToObj(s -> settings(s, snapshots)).toList();
  }

  private ReplicationSettings settings(int stream, Map<QualifiedName, Lsn> snapshots) {
    return new ReplicationSettings(
        sourceDatabase,
        targetDatabase,
        slot(stream),
        "pub " + slot(stream),
        objects.orElseThrow(),
        snapshots,
        false,
        RUN,
        replicaRole,
        Duration.ofMillis(200),
        ReplicationSettings.DEFAULT_BATCH_ROWS,
        memoryBytes,
        spool,
        new ReplicationSettings.Share(stream, Set.of()));
  }

  void stop() {
    if (replication != null) {
      replication.close();
      replication = null;
    }
  }

  Replication replication() {
    if (replication == null) {
      throw new IllegalStateException("Not started");
    }
    return replication;
  }

  /** Runs statements on the source, each by itself. */
  ReplicationFixture run(String... statements) throws SQLException {
    try (var connection = source.writer()) {
      for (String statement : statements) {
        Sql.execute(connection, statement);
      }
    }
    return this;
  }

  /** Runs statements on the source as one transaction. */
  ReplicationFixture transaction(String... statements) throws SQLException {
    try (var connection = source.writer()) {
      connection.setAutoCommit(false);
      for (String statement : statements) {
        Sql.execute(connection, statement);
      }
      connection.commit();
    }
    return this;
  }

  /** The source's WAL now. */
  Lsn now() throws SQLException {
    return Lsn.parse(source.text("SELECT pg_current_wal_insert_lsn()").orElseThrow());
  }

  /** Waits until everything committed so far is on the target. */
  ReplicationFixture sync() throws SQLException {
    assertThat(replication().awaitApplied(now(), PATIENCE)).isTrue();
    return this;
  }

  /** Waits until the replication has failed, and tells by what. */
  Throwable failure() throws InterruptedException {
    assertThat(replication().awaitEnd(PATIENCE)).isTrue();
    return org.assertj.core.api.Assertions.catchThrowable(replication()::check);
  }

  /** Compares both sides at one moment of the source, while replication goes on. */
  ReplicationFixture assertEqualAtOnePoint() throws SQLException {
    var taken = new AtomicReference<ExportedSnapshot>();
    try (var right =
            replication()
                .<Connection, SQLException>holdAt(
                    () -> {
                      try (var creator = sourceDatabase.openReplication("slot")) {
                        var made = creator.createSlot(slot + "_t", true);
                        taken.set(ExportedSnapshot.adopt(sourceDatabase, Snapshot.of(made)));
                        return made.consistentPoint();
                      }
                    },
                    () -> {
                      var session = targetDatabase.open("compare");
                      Sql.execute(session, "BEGIN ISOLATION LEVEL REPEATABLE READ");
                      Sql.queryLong(session, "SELECT 1");
                      return session;
                    });
        var left = taken.get().open("compare")) {
      return assertEqual(left, right);
    } finally {
      taken.get().close();
    }
  }

  /** Compares all rows of all tables, as text, in any order. */
  ReplicationFixture assertEqual() throws SQLException {
    try (var left = sourceDatabase.open("compare");
        var right = targetDatabase.open("compare")) {
      return assertEqual(left, right);
    }
  }

  private ReplicationFixture assertEqual(Connection left, Connection right) throws SQLException {
    for (ObjectSet.Member member : objects.orElseThrow().rowHolders()) {
      assertThat(rows(right, member.table()))
          .as("rows of %s", member.name())
          .isEqualTo(rows(left, member.table()));
    }
    return this;
  }

  ReplicationFixture syncAndCompare() throws SQLException {
    return sync().assertEqual();
  }

  private static List<String> rows(Connection connection, Table table) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT CASE WHEN length(t::text) > 2000 THEN md5(t::text) ELSE t::text END COLLATE "C"
        FROM ONLY %s AS t ORDER BY 1
        """
            .formatted(table.name().sql()),
        row -> row.getString(1));
  }

  @Override
  public void close() throws SQLException {
    stop();
    source.close();
    target.close();
  }
}
