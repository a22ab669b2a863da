package dev.pgportage.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.Switching;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.StateStore;
import dev.pgportage.testing.TestDatabase;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@ValueSource(ints = {15, 17})
class LockedRolesIT {
  private static final String MIGRATION = "shop";
  private static final String TILL = "till \"ü\" {fn x}";
  private static final String TILL_SQL = Quoting.identifier(TILL);

  private final int version;
  private final TestDatabase source;
  private final TestDatabase target;
  private final Database database;
  private final Database state;
  private final Connection control;

  LockedRolesIT(int version) throws SQLException {
    this.version = version;
    source = TestDatabase.source(version).execute("CREATE TABLE t (id bigint PRIMARY KEY)");
    target = TestDatabase.target(version);
    // Owns nothing, may do nothing but this.
    source.executeAsSuperuser(
        """
        CREATE ROLE %1$s LOGIN PASSWORD '%2$s' IN ROLE app_owner;
        CREATE ROLE keeper LOGIN PASSWORD '%2$s' CREATEROLE
          IN ROLE pg_signal_backend, pg_read_all_stats;
        """
            .formatted(TILL_SQL, TestDatabase.PASSWORD));
    if (version >= 16) {
      source.executeAsSuperuser(
          "GRANT %s, app TO keeper WITH ADMIN OPTION, INHERIT FALSE, SET FALSE"
              .formatted(TILL_SQL));
    }
    database = new Database(as("keeper"), "pgportage shop");
    state = new Database(target.endpoint(), "pgportage shop");
    control = state.open("control");
  }

  @BeforeEach
  void enter() throws SQLException {
    StateStore.create(control);
    StateStore.enter(control, MIGRATION, "cdc", "1/x", "hash");
  }

  @AfterEach
  void close() throws SQLException {
    control.close();
    source.executeAsSuperuser("ALTER ROLE app LOGIN");
    target.close();
    source.close();
    try (var superuser = target.server().superuser("postgres")) {
      Sql.execute(superuser, "DROP ROLE IF EXISTS " + TILL_SQL + ", keeper");
    }
  }

  private Endpoint as(String role) {
    Endpoint own = source.endpoint();
    return new Endpoint(
        own.side(),
        own.host(),
        own.port(),
        own.database(),
        role,
        own.password(),
        own.tls(),
        own.connectTimeout());
  }

  private Fence fence(String... roles) {
    Duration second = Duration.ofSeconds(1);
    return Fence.of(
        new MigrationConfig.Cutover(
            MigrationConfig.Cutover.Fence.ROLES,
            List.of(roles),
            0,
            second,
            second,
            second,
            MigrationConfig.Cutover.Reverse.OFF,
            Switching.none()),
        database,
        state,
        MIGRATION);
  }

  private Connection till() throws SQLException {
    return source.server().connect(TILL, TestDatabase.PASSWORD, source.name());
  }

  private void assertTillIsOut() {
    assertThatThrownBy(this::till)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28000"));
  }

  @Test
  void keepsTheNamedRolesOutAndLeavesOthersAlone() throws SQLException {
    try (var till = till();
        var reader = source.writer()) {
      Sql.execute(till, "BEGIN; INSERT INTO public.t VALUES (1)");
      Fence fence = fence(TILL);
      fence.raise(control);
      assertThatThrownBy(() -> Sql.execute(till, "COMMIT")).isInstanceOf(SQLException.class);
      assertTillIsOut();
      fence.requireSilent();
      assertThat(Sql.queryLong(reader, "SELECT count(*) FROM public.t")).isZero();
      Sql.execute(reader, "BEGIN; INSERT INTO public.t VALUES (2)");
      assertThatThrownBy(fence::requireSilent)
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCE_BREACHED))
          .hasMessageContaining("role app");
      Sql.execute(reader, "ROLLBACK");
      fence.lower(control);
      Sql.execute(reader, "INSERT INTO public.t VALUES (3)");
    }
    till().close();
    assertThat(new ResourceLedger(MIGRATION).open(control)).isEmpty();
  }

  @Test
  void noticesARoleThatMayLogInAgain() throws SQLException {
    Fence fence = fence(TILL, "app");
    fence.raise(control);
    source.executeAsSuperuser("ALTER ROLE app LOGIN");
    assertThatThrownBy(fence::requireSilent).hasMessageContaining("may log in again: app");
    fence.lower(control);
  }

  @Test
  void refusesWhatItMayNotLockBeforeAnythingIsChanged() throws SQLException {
    source.executeAsSuperuser(
        version >= 16 ? "REVOKE app FROM keeper" : "ALTER ROLE keeper NOCREATEROLE");
    assertThatThrownBy(() -> fence(TILL, "app").raise(control))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCE_FAILED))
        .hasMessageContaining("Nothing was changed")
        .hasMessageContaining(
            version >= 16
                ? "GRANT app TO keeper WITH ADMIN OPTION"
                : "ALTER ROLE keeper CREATEROLE");
    assertThatThrownBy(() -> fence("keeper").raise(control)).hasMessageContaining("own role");
    assertThatThrownBy(() -> fence("nobody").raise(control))
        .hasMessageContaining("none of the roles nobody");
    till().close();
    assertThat(new ResourceLedger(MIGRATION).open(control)).isEmpty();
  }

  @Test
  void keepsOutWhoeverMayLogInUnlessRolesAreNamed() throws SQLException {
    if (version < 16) {
      // Before 16 CREATEROLE reaches every role, but for those that replicate.
      assertThatThrownBy(() -> fence().raise(control)).hasMessageContaining("migrator");
    } else {
      source.executeAsSuperuser(
          "GRANT migrator, migrator_back, target_migrator, target_plain, target_back TO keeper"
              + " WITH ADMIN OPTION, INHERIT FALSE, SET FALSE");
      Fence fence = fence();
      fence.raise(control);
      assertTillIsOut();
      assertThatThrownBy(source::writer).isInstanceOf(SQLException.class);
      fence.lower(control);
      source.writer().close();
    }
  }

  @Test
  void lowersByTheLedgerAloneEvenIfARoleIsGone() throws SQLException {
    fence(TILL, "app").raise(control);
    source.executeAsSuperuser("DROP ROLE " + TILL_SQL);
    assertThat(Fence.lowerLeft(control, database, MIGRATION)).isTrue();
    source.writer().close();
    assertThat(new ResourceLedger(MIGRATION).open(control)).isEmpty();
  }

  @Test
  void waitsForWhoIsBeingAdmitted() throws Exception {
    // It has named its role, and then says nothing any more.
    try (var client = new Socket(InetAddress.getLoopbackAddress(), source.server().port())) {
      startUp(client);
      while (source.number(
              """
              SELECT count(*) FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
              WHERE l.locktype = 'virtualxid' AND a.datid IS NULL
              """)
          == 0) {
        LockSupport.parkNanos(1_000_000);
      }
      Fence fence = fence(TILL);
      var raising = CompletableFuture.runAsync(() -> fence.raise(control));
      assertThatThrownBy(() -> raising.get(500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      client.close();
      raising.get(30, TimeUnit.SECONDS);
      fence.lower(control);
    }
  }

  private void startUp(Socket client) throws java.io.IOException {
    byte[] parameters =
        ("user\0" + TILL + "\0database\0" + source.name() + "\0\0")
            .getBytes(StandardCharsets.UTF_8);
    var out = new DataOutputStream(client.getOutputStream());
    out.writeInt(8 + parameters.length);
    out.writeInt(3 << 16);
    out.write(parameters);
    out.flush();
  }
}
