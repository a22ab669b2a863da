package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DatabaseIT {
  @Test
  void opensSessionsThatPrintAlikeOnEveryVersion() throws SQLException {
    for (int major : new int[] {15, 16, 17, 18}) {
      try (var fixture = TestDatabase.source(major);
          var session = new Database(fixture.endpoint(), "pgportage t").open("probe")) {
        fixture.execute("SELECT 1");
        assertThat(
                Sql.queryText(
                    session,
                    """
                    SELECT concat_ws(' | ', timestamptz '2024-01-02 03:04:05+00', '\\x00ff'::bytea,
                      interval '1 year 2 days', 0.1::float8, 12.5::money, NULL::text)
                    """))
            .hasValue("2024-01-02 03:04:05+00 | \\x00ff | 1 year 2 days | 0.1 | $12.50");
        assertThat(Sql.queryText(session, "SHOW search_path")).hasValue("pg_catalog");
        assertThat(Sql.queryText(session, "SHOW application_name")).hasValue("pgportage t probe");
      }
    }
  }

  @Test
  void opensSessionsThatMayWriteToAFencedDatabase() throws SQLException {
    try (var fixture = TestDatabase.source(15)) {
      fixture.execute("CREATE TABLE public.t (a int)");
      fixture.executeAsSuperuser(
          "ALTER DATABASE " + fixture.name() + " SET default_transaction_read_only = on");
      try (var session = new Database(fixture.endpoint(), "pgportage t").open("probe")) {
        assertThat(Sql.update(session, "INSERT INTO public.t VALUES (1)")).isEqualTo(1);
      }
    }
  }

  @Test
  void exportsASnapshotWithTheSlot() throws SQLException {
    try (var fixture = TestDatabase.source(15)) {
      fixture.execute("CREATE TABLE public.t (a int); INSERT INTO public.t VALUES (1)");
      var database = new Database(fixture.endpoint(), "pgportage t");
      try (var replication = database.openReplication("slot");
          var reader = database.open("reader")) {
        var slot = replication.createSlot("database_it", true);
        fixture.execute("INSERT INTO public.t VALUES (2)");
        reader.setAutoCommit(false);
        Sql.execute(reader, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        Sql.execute(reader, "SET TRANSACTION SNAPSHOT " + Quoting.literal(slot.snapshot()));
        assertThat(Sql.queryLong(reader, "SELECT count(*) FROM public.t")).isEqualTo(1);
        reader.rollback();
        assertThatThrownBy(
                () -> {
                  try (var second = database.openReplication("slot2")) {
                    second.createSlot("database_it", true);
                  }
                })
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SLOT_TAKEN));
      }
    }
  }

  @Test
  void namesWhatIsWrongWithAConnection() throws SQLException, IOException {
    try (var fixture = TestDatabase.source(15);
        var deaf = new ServerSocket(0)) {
      Endpoint good = fixture.endpoint();
      int freePort;
      try (var unused = new ServerSocket(0)) {
        freePort = unused.getLocalPort();
      }
      refuses(
          with(good, good.host(), good.port(), good.database(), "wrong"), "AUTHENTICATION_FAILED");
      refuses(with(good, "nowhere.invalid", 5432, "x", "x"), "HOST_UNKNOWN");
      refuses(with(good, good.host(), freePort, "x", "x"), "CONNECTION_REFUSED");
      refuses(with(good, good.host(), deaf.getLocalPort(), "x", "x"), "CONNECTION_TIMEOUT");
      refuses(
          with(good, good.host(), good.port(), "no such", TestDatabase.PASSWORD),
          "DATABASE_UNKNOWN");
    }
  }

  @Test
  void asksAgainForAPasswordThatWasChanged() throws SQLException {
    try (var fixture = TestDatabase.source(15)) {
      fixture.executeAsSuperuser("CREATE ROLE rotated LOGIN PASSWORD 'first'");
      var kept = new Rotated();
      Endpoint good = fixture.endpoint();
      var endpoint =
          new Endpoint(
              good.side(),
              good.host(),
              good.port(),
              good.database(),
              "rotated",
              Secret.from(kept),
              good.tls(),
              Duration.ofSeconds(5));
      var database = new Database(endpoint, "pgportage t");
      database.open("probe").close();
      fixture.executeAsSuperuser("ALTER ROLE rotated PASSWORD 'second'");
      assertThatThrownBy(() -> database.open("probe")).isInstanceOf(MigrationException.class);
      kept.next = "second";
      database.open("probe").close();
      assertThat(kept.current).isEqualTo("second");
      fixture.executeAsSuperuser("DROP ROLE rotated");
    }
  }

  /** A password kept elsewhere, where it may be changed. */
  private static final class Rotated implements Secret.Source {
    private String current = "first";
    private String next = "first";

    @Override
    public String reveal() {
      return current;
    }

    @Override
    public boolean renew() {
      boolean changed = !current.equals(next);
      current = next;
      return changed;
    }
  }

  private static Endpoint with(
      Endpoint good, String host, int port, String database, String password) {
    return new Endpoint(
        good.side(),
        host,
        port,
        database,
        good.user(),
        new Secret(password),
        good.tls(),
        Duration.ofSeconds(1));
  }

  private static void refuses(Endpoint endpoint, String code) {
    assertThatThrownBy(() -> new Database(endpoint, "pgportage t").open("probe"))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.valueOf(code));
              assertThat(e.what()).contains("source").doesNotContain("wrong");
            });
  }
}
