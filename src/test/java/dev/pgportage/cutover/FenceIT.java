package dev.pgportage.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.Switching;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("versions")
class FenceIT {
  private static final String MIGRATION = "shop";
  private static final String SETTING =
      """
      SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting
      WHERE setrole = 0 AND setdatabase = (
        SELECT oid FROM pg_database WHERE datname = current_database())
      """;

  private final int version;
  private final TestDatabase source;
  private final TestDatabase target;
  private final Database database;
  private final Database state;
  private final Connection control;

  FenceIT(int version) throws SQLException {
    this.version = version;
    source = TestDatabase.source(version).execute("CREATE TABLE t (id bigint PRIMARY KEY)");
    target = TestDatabase.target(version);
    database = new Database(source.endpoint(), "pgportage shop");
    state = new Database(target.endpoint(), "pgportage shop");
    control = state.open("control");
  }

  /** The newest version, too, where all tests are wanted: {@code ./dev it FenceIT}. */
  static IntStream versions() {
    boolean isShort = "long".equals(System.getProperty("test.excluded"));
    return isShort ? IntStream.of(15) : IntStream.of(15, 18);
  }

  @BeforeEach
  void enter() throws SQLException {
    StateStore.create(control);
    StateStore.enter(control, MIGRATION, "cdc", "1/x", "hash");
  }

  @AfterEach
  void close() throws SQLException {
    control.close();
    target.close();
    source.close();
  }

  @Test
  void losesNoCommitAClientWasToldOf() throws Exception {
    try (var writers = new Writers(source, 8)) {
      writers.awaitCommits(200);
      Fence fence = fence();
      fence.raise(control);
      List<Long> atTheMark = ids();
      writers.awaitRefusals(20);
      assertThat(ids()).hasSameSizeAs(atTheMark);
      assertThat(atTheMark).containsAll(writers.acknowledged());
      fence.requireSilent();
      fence.lower(control);
      int before = writers.acknowledged().size();
      writers.awaitCommits(before + 100);
    }
  }

  @Test
  void endsASessionThatWasJustBeginning() throws Exception {
    // Read its settings before the fence; shows itself only after it.
    var acknowledged = new AtomicLong();
    var late = CompletableFuture.supplyAsync(() -> writeFromASlowSession(acknowledged));
    while (source.number(BEGINNING) == 0) {
      LockSupport.parkNanos(1_000_000);
    }
    Fence fence = fence();
    fence.raise(control);
    List<Long> atTheMark = ids();
    assertThat(late.get(30, TimeUnit.SECONDS)).startsWith("57P0");
    assertThat(ids()).hasSameSizeAs(atTheMark).hasSizeGreaterThanOrEqualTo(acknowledged.intValue());
    fence.lower(control);
  }

  @Test
  void leavesItsOwnSessionsAloneWhileTheyBegin() throws Exception {
    var open = new AtomicBoolean(true);
    try (var threads = Executors.newFixedThreadPool(OPENERS)) {
      List<Future<Integer>> opened =
          Stream.generate(() -> threads.submit(() -> openWhile(open))).limit(OPENERS).toList();
      for (int i = 0; i < 10; i++) {
        Fence fence = fence();
        fence.raise(control);
        fence.requireSilent();
        fence.lower(control);
      }
      open.set(false);
      for (Future<Integer> sessions : opened) {
        assertThat(sessions.get(1, TimeUnit.MINUTES)).isPositive();
      }
    }
  }

  private static final int OPENERS = 6;

  /** Opens sessions one after the other as the migration does, and returns how many. */
  private int openWhile(AtomicBoolean open) throws SQLException {
    int count = 0;
    for (; open.get(); count++) {
      try (Connection own = database.open("types")) {
        Sql.queryLong(own, "SELECT 1");
      }
    }
    return count;
  }

  private static final String BEGINNING =
      """
      SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
      WHERE l.locktype = 'object' AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid()
        AND d.datname = current_database()
      """;

  /** Writes until it fails, and says with which SQLSTATE. */
  private String writeFromASlowSession(AtomicLong acknowledged) {
    try (var connection = connectSlowly()) {
      while (true) {
        Sql.execute(connection, "INSERT INTO public.t VALUES (" + (acknowledged.get() + 1) + ")");
        acknowledged.incrementAndGet();
      }
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  private Connection connectSlowly() throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", TestDatabase.APP);
    properties.setProperty("password", TestDatabase.PASSWORD);
    properties.setProperty("options", "-c post_auth_delay=2");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + source.server().port() + "/" + source.name(), properties);
  }

  @Test
  void endsATransactionThatIsIdle() throws SQLException {
    try (var idle = source.writer()) {
      Sql.execute(idle, "BEGIN; INSERT INTO t VALUES (1)");
      Fence fence = fence();
      fence.raise(control);
      assertThatThrownBy(() -> Sql.execute(idle, "COMMIT")).isInstanceOf(SQLException.class);
      assertThat(ids()).isEmpty();
      fence.requireSilent();
      fence.lower(control);
    }
  }

  @Test
  void waitsForASessionThatEndsSlowly() throws Exception {
    try (var slow = source.writer()) {
      Sql.execute(slow, "BEGIN; INSERT INTO t VALUES (1)");
      try (var stopped = new StoppedProcess(slow)) {
        Fence fence = fence();
        var raising = CompletableFuture.runAsync(() -> fence.raise(control));
        awaitSetting("only=on");
        assertThatThrownBy(() -> raising.get(500, TimeUnit.MILLISECONDS))
            .isInstanceOf(TimeoutException.class);
        stopped.goOn();
        raising.get(30, TimeUnit.SECONDS);
        fence.lower(control);
      }
    }
  }

  @Test
  void opensTheSourceAgainWhenItIsInterruptedHalfway() throws Exception {
    try (var slow = source.writer();
        var stopped = new StoppedProcess(slow)) {
      var interrupted = new AtomicBoolean();
      Thread raising =
          Thread.ofPlatform()
              .start(
                  () -> {
                    assertFailure(() -> fence().raise(control), ErrorCode.INTERRUPTED);
                    interrupted.set(Thread.currentThread().isInterrupted());
                  });
      awaitSetting("only=on");
      raising.interrupt();
      raising.join(30_000);
      assertThat(interrupted).isTrue();
      assertThat(source.text(SETTING)).isEmpty();
      assertThat(new ResourceLedger(MIGRATION).open(control)).isEmpty();
      stopped.goOn();
    }
  }

  /** In a session of the migration's own: another's could be in the fence's way. */
  private void awaitSetting(String part) throws SQLException {
    try (var session = database.open("test")) {
      while (!Sql.queryText(session, SETTING).orElse("").contains(part)) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  @Test
  void lowersOnceTheSourceCanBeReachedAgain() throws Exception {
    Fence fence = fence();
    fence.raise(control);
    endFenceSessions();
    limitConnections(0);
    var lowering = CompletableFuture.runAsync(() -> fence.lower(control));
    assertThatThrownBy(() -> lowering.get(1, TimeUnit.SECONDS))
        .isInstanceOf(TimeoutException.class);
    limitConnections(-1);
    lowering.get(30, TimeUnit.SECONDS);
    source.execute("INSERT INTO t VALUES (1)");
  }

  /** As a network between them that was cut does. */
  private void endFenceSessions() throws SQLException {
    source.number(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name = 'pgportage shop fence'");
  }

  private void limitConnections(int limit) throws SQLException {
    source.executeAsSuperuser(
        "BEGIN; SET TRANSACTION READ WRITE; ALTER DATABASE "
            + source.name()
            + " CONNECTION LIMIT "
            + limit
            + "; COMMIT");
  }

  @Test
  void takesTemporaryTablesForNothingWritten() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    try (var reader = source.writer()) {
      Sql.execute(reader, "BEGIN READ WRITE; CREATE TEMPORARY TABLE mine (id int); COMMIT");
      Sql.execute(reader, "BEGIN; INSERT INTO mine VALUES (1)");
      fence.requireSilent();
      Sql.execute(reader, "COMMIT");
      fence.requireSilent();
    }
    fence.lower(control);
  }

  @Test
  void refusesBeforeAnythingIsChangedWhileASuperuserIsThere() throws SQLException {
    try (var superuser = source.superuser()) {
      Sql.execute(superuser, "SET application_name = 'cron job'");
      assertFailure(() -> fence().raise(control), ErrorCode.FENCE_FAILED)
          .contains("Nothing was changed")
          .contains("role postgres", "cron job");
      assertThat(Sql.queryText(superuser, SETTING)).isEmpty();
      assertThat(new ResourceLedger(MIGRATION).open(control)).isEmpty();
    }
    source.execute("INSERT INTO t VALUES (1)");
  }

  @Test
  void refusesWhileARoleIsExempt() throws SQLException {
    source.executeAsSuperuser(
        "CREATE ROLE \"odd \"\"role\" LOGIN; ALTER ROLE \"odd \"\"role\" IN DATABASE "
            + source.name()
            + " SET default_transaction_read_only = no");
    try {
      assertFailure(() -> fence().raise(control), ErrorCode.FENCE_FAILED)
          .contains(
              "ALTER ROLE \"odd \"\"role\" IN DATABASE "
                  + source.name()
                  + " RESET default_transaction_read_only");
    } finally {
      source.executeAsSuperuser("DROP ROLE \"odd \"\"role\"");
    }
  }

  @Test
  void refusesWhileASubscriptionWritesThere() throws SQLException {
    source.executeAsSuperuser(
        "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1 dbname=x' PUBLICATION p"
            + " WITH (connect = false)");
    source.executeAsSuperuser("ALTER SUBSCRIPTION feed ENABLE");
    try {
      assertFailure(() -> fence().raise(control), ErrorCode.FENCE_FAILED)
          .contains("ALTER SUBSCRIPTION feed DISABLE");
    } finally {
      source.executeAsSuperuser("ALTER SUBSCRIPTION feed DISABLE");
      source.executeAsSuperuser("ALTER SUBSCRIPTION feed SET (slot_name = NONE)");
      source.executeAsSuperuser("DROP SUBSCRIPTION feed");
    }
  }

  @Test
  void refusesWhileALoginMayWrite() throws SQLException {
    if (version < 17) {
      return; // No older server has such triggers.
    }
    source.execute("CREATE TABLE login (at timestamptz)");
    source.executeAsSuperuser(
        """
        CREATE FUNCTION audit() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
          AS 'BEGIN INSERT INTO public.login VALUES (now()); END';
        CREATE EVENT TRIGGER audit ON login EXECUTE FUNCTION audit()
        """);
    assertFailure(() -> fence().raise(control), ErrorCode.FENCE_FAILED)
        .contains("ALTER EVENT TRIGGER audit DISABLE");
    source.executeAsSuperuser("ALTER EVENT TRIGGER audit DISABLE");
    Fence fence = fence();
    fence.raise(control);
    fence.lower(control);
  }

  @Test
  void refusesWhileATransactionIsPrepared() throws Exception {
    try (var server =
            EmbeddedServer.start(Servers.options(version).with("max_prepared_transactions", "2"));
        var prepared = TestDatabase.source(server).execute("CREATE TABLE t (id bigint)")) {
      prepared.execute("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'two phases'");
      Fence fence = fence(new Database(prepared.endpoint(), "pgportage shop"));
      assertFailure(() -> fence.raise(control), ErrorCode.FENCE_FAILED)
          .contains("Nothing was changed", "the prepared transaction two phases");
      prepared.execute("COMMIT PREPARED 'two phases'");
      fence.raise(control);
      fence.lower(control);
    }
  }

  @Test
  void namesAWriterThatAsksForAWritingTransaction() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    try (var rogue = source.writer()) {
      Sql.execute(rogue, "SET application_name = 'rogue'; SET default_transaction_read_only = off");
      fence.requireSilent();
      rogue.setAutoCommit(false);
      Sql.execute(rogue, "INSERT INTO t VALUES (1)");
      assertFailure(fence::requireSilent, ErrorCode.FENCE_BREACHED).contains("rogue", "role app");
      rogue.commit();
    }
    awaitBreach(fence, "public.t");
    fence.lower(control);
    assertThat(source.text(SETTING)).isEmpty();
  }

  @Test
  void findsAWriteToATableTheWalDoesNotTellOf() throws SQLException {
    source.execute("CREATE UNLOGGED TABLE u (id int)");
    Fence fence = fence();
    fence.raise(control);
    try (var rogue = source.writer()) {
      Sql.execute(rogue, "BEGIN READ WRITE; INSERT INTO u VALUES (1); COMMIT");
    }
    awaitBreach(fence, "public.u");
    fence.lower(control);
  }

  @Test
  void findsAWriteToALargeObjectThatNoReadOnlyTransactionIsKeptFrom() throws SQLException {
    source.execute("SELECT lo_from_bytea(4711, 'content')");
    Fence fence = fence();
    fence.raise(control);
    fence.requireSilent();
    try (var rogue = source.writer()) {
      String mode = version < 16 ? "READ ONLY" : "READ WRITE";
      Sql.execute(rogue, "BEGIN " + mode + "; SELECT lo_put(4711, 0, 'C'); COMMIT");
    }
    awaitBreach(fence, "pg_catalog.pg_largeobject");
    fence.lower(control);
  }

  @Test
  void takesReadersForNoWriters() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    try (var reader = source.writer()) {
      reader.setAutoCommit(false);
      Sql.query(reader, "SELECT txid_current(), count(*) FROM public.t", row -> row.getLong(1));
      fence.requireSilent();
    }
    fence.lower(control);
  }

  @Test
  void noticesThatSomebodyElseLoweredTheFence() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    source.executeAsSuperuser(
        "BEGIN; SET TRANSACTION READ WRITE; ALTER DATABASE "
            + source.name()
            + " RESET default_transaction_read_only; COMMIT");
    assertFailure(fence::requireSilent, ErrorCode.FENCE_BREACHED).contains("lowered");
    fence.lower(control);
  }

  @Test
  void leavesSessionsAloneWhenItDiedBeforeTheSettingWasChanged() throws SQLException {
    var ledger = new ResourceLedger(MIGRATION);
    try (var application = source.writer();
        var session = database.open("fence")) {
      Barrier.Part part = new ReadOnlySetting(session, database).parts().getFirst();
      ledger.plan(control, Side.SOURCE, part.kind(), part.name(), part.undoSql());
      assertThat(Fence.lowerLeft(control, database, MIGRATION)).isTrue();
      Sql.execute(application, "INSERT INTO t VALUES (1)");
    }
    assertThat(ledger.open(control)).isEmpty();
    assertThat(Fence.lowerLeft(control, database, MIGRATION)).isFalse();
  }

  @Test
  void opensTheSourceFromTheLedgerAloneAfterACrash() throws SQLException {
    fence().raise(control);
    try (var pooled = source.writer()) {
      assertThatThrownBy(() -> Sql.execute(pooled, "INSERT INTO t VALUES (1)"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
      assertThat(Fence.lowerLeft(control, database, MIGRATION)).isTrue();
      assertThatThrownBy(() -> Sql.execute(pooled, "SELECT 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).startsWith("57P0"));
    }
    source.execute("INSERT INTO t VALUES (1)");
    assertThat(source.text(SETTING)).isEmpty();
  }

  @Test
  void doesNotTakeALeftFenceForTheFormerSetting() throws SQLException {
    fence().raise(control);
    Fence second = fence();
    second.raise(control);
    second.lower(control);
    assertThat(source.text(SETTING)).isEmpty();
  }

  @Test
  void cannotLowerWhatAnotherRunHasRaisedMeanwhile() throws SQLException {
    Fence zombie = fence();
    zombie.raise(control);
    Fence.lowerLeft(control, database, MIGRATION);
    Fence successor = fence();
    successor.raise(control);
    assertFailure(() -> zombie.lower(control), ErrorCode.LEASE_LOST).contains("Another process");
    assertThat(source.text(SETTING)).hasValueSatisfying(now -> assertThat(now).contains("only=on"));
    successor.requireSilent();
    successor.lower(control);
    assertThat(source.text(SETTING)).isEmpty();
  }

  @Test
  void lowersWithoutTheTargetWhileNobodyCanHaveTakenOver() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    control.close();
    allowConnections(false);
    fence.lower(control);
    source.execute("INSERT INTO t VALUES (1)");
    allowConnections(true);
  }

  private void allowConnections(boolean allowed) throws SQLException {
    try (var superuser = target.server().superuser("postgres")) {
      Sql.execute(superuser, "ALTER DATABASE " + target.name() + " ALLOW_CONNECTIONS " + allowed);
    }
  }

  @Test
  void restoresTheFormerSettingExactly() throws SQLException {
    String alter = "ALTER DATABASE " + source.name() + " SET ";
    source.execute(
        alter + "work_mem = '5MB'; " + alter + "default_transaction_read_only = 'False'");
    String former = source.text(SETTING).orElseThrow();
    Fence fence = fence();
    fence.raise(control);
    assertThat(source.text(SETTING)).hasValueSatisfying(now -> assertThat(now).contains("only=on"));
    fence.lower(control);
    fence.lower(control);
    assertThat(source.text(SETTING)).hasValue(former);
  }

  @Test
  void lowersEvenOnAnInterruptedThread() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    Thread.currentThread().interrupt();
    fence.lower(control);
    assertThat(Thread.interrupted()).isTrue();
    source.execute("INSERT INTO t VALUES (1)");
  }

  @Test
  void printsSqlThatWorksByHandWhenItCannotLower() throws SQLException {
    Fence fence = fence();
    fence.raise(control);
    source.executeAsSuperuser(
        "BEGIN; SET TRANSACTION READ WRITE; ALTER DATABASE "
            + source.name()
            + " OWNER TO postgres; COMMIT");
    assertThatThrownBy(() -> fence.lower(control))
        .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
        .returns(ErrorCode.UNFENCE_FAILED, MigrationException::code)
        .satisfies(
            e -> {
              int sql = e.remedy().indexOf("BEGIN;");
              source.executeAsSuperuser(e.remedy().substring(sql));
            });
    assertThat(source.text(SETTING)).isEmpty();
    source.execute("INSERT INTO t VALUES (1)");
  }

  @Test
  void needsNoRightToSeeOthersSessions() throws Exception {
    source.executeAsSuperuser(
        "CREATE ROLE blind LOGIN PASSWORD '%s' IN ROLE app_owner, pg_signal_backend"
            .formatted(TestDatabase.PASSWORD));
    try (var writers = new Writers(source, 3)) {
      writers.awaitCommits(20);
      Fence fence = fence(as("blind", source.name()));
      fence.raise(control);
      List<Long> atTheMark = ids();
      writers.awaitRefusals(5);
      assertThat(ids()).hasSameSizeAs(atTheMark);
      assertThat(atTheMark).containsAll(writers.acknowledged());
      fence.lower(control);
    } finally {
      source.executeAsSuperuser("DROP ROLE blind");
    }
  }

  @Test
  void namesWhatItMayNotEndForWantOfPgSignalBackend() throws SQLException {
    source.executeAsSuperuser(
        "CREATE ROLE weak LOGIN PASSWORD '%s' IN ROLE app_owner".formatted(TestDatabase.PASSWORD));
    try (var application = source.writer()) {
      Sql.execute(application, "SET application_name = 'web'");
      assertFailure(() -> fence(as("weak", source.name())).raise(control), ErrorCode.FENCE_FAILED)
          .contains("role app", "web", "Nothing was changed");
      Sql.execute(application, "INSERT INTO t VALUES (1)");
    } finally {
      source.executeAsSuperuser("DROP ROLE weak");
    }
  }

  @Test
  void fencesADatabaseWithAnOddName() throws SQLException {
    String name = "od d \"na'me\" %s \\ ü_" + source.name();
    String quoted = Quoting.identifier(name);
    source.executeAsSuperuser("CREATE DATABASE " + quoted + " TEMPLATE template0 OWNER app_owner");
    try {
      Fence fence = fence(as(TestDatabase.SOURCE_ROLE, name));
      fence.raise(control);
      fence.requireSilent();
      try (var reader = source.server().connect(TestDatabase.APP, TestDatabase.PASSWORD, name)) {
        assertThat(Sql.queryText(reader, "SHOW transaction_read_only")).hasValue("on");
      }
      fence.lower(control);
      try (var writer = source.server().connect(TestDatabase.APP, TestDatabase.PASSWORD, name)) {
        assertThat(Sql.queryText(writer, "SHOW transaction_read_only")).hasValue("off");
      }
    } finally {
      source.executeAsSuperuser("DROP DATABASE " + quoted + " WITH (FORCE)");
    }
  }

  @Test
  void endsFiftySessionsAtOnce() throws SQLException {
    var open = new ArrayList<Connection>();
    try {
      for (int i = 0; i < 50; i++) {
        open.add(source.writer());
      }
      Fence fence = fence();
      long began = System.nanoTime();
      fence.raise(control);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
      fence.lower(control);
    } finally {
      for (Connection connection : open) {
        connection.close();
      }
    }
  }

  @Test
  void waitsForSilenceWhenTheUserStopsTheApplication() throws Exception {
    var settings = settings(MigrationConfig.Cutover.Fence.EXTERNAL);
    Fence fence = Fence.of(settings, database, state, MIGRATION);
    try (var writers = new Writers(source, 1)) {
      writers.awaitCommits(10);
      assertFailure(() -> fence.raise(control), ErrorCode.FENCE_FAILED)
          .contains("still being written to");
    }
    fence.raise(control);
    fence.requireSilent();
    source.execute("INSERT INTO t VALUES (-1)");
    awaitBreach(fence, "public.t");
    fence.lower(control);
    assertThat(new ResourceLedger(MIGRATION).open(control)).isEmpty();
  }

  private Fence fence() {
    return fence(database);
  }

  private Fence fence(Database source) {
    return Fence.of(settings(MigrationConfig.Cutover.Fence.DATABASE), source, state, MIGRATION);
  }

  private static MigrationConfig.Cutover settings(MigrationConfig.Cutover.Fence fence) {
    Duration second = Duration.ofSeconds(1);
    return new MigrationConfig.Cutover(
        fence,
        List.of(),
        0,
        second,
        second,
        second.plus(second),
        MigrationConfig.Cutover.Reverse.OFF,
        Switching.none());
  }

  private Database as(String role, String name) {
    Endpoint own = source.endpoint();
    return new Database(
        new Endpoint(
            own.side(),
            own.host(),
            own.port(),
            name,
            role,
            own.password(),
            own.tls(),
            own.connectTimeout()),
        "pgportage shop");
  }

  private List<Long> ids() throws SQLException {
    try (var session = database.open("test")) {
      return Sql.query(session, "SELECT id FROM public.t", row -> row.getLong(1));
    }
  }

  private static org.assertj.core.api.AbstractStringAssert<?> assertFailure(
      ThrowingCallable call, ErrorCode code) {
    return assertThatThrownBy(call)
        .asInstanceOf(InstanceOfAssertFactories.type(MigrationException.class))
        .returns(code, MigrationException::code)
        .extracting(MigrationException::what, InstanceOfAssertFactories.STRING);
  }

  /** The server's statistics come when a session ends, and a moment later. */
  private static void awaitBreach(Fence fence, String named) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (true) {
            try {
              fence.requireSilent();
            } catch (MigrationException e) {
              assertThat(e.code()).isEqualTo(ErrorCode.FENCE_BREACHED);
              assertThat(e.what()).contains(named);
              return;
            }
          }
        });
  }
}
