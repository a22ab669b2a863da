package dev.pgportage.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.Notifications;
import dev.pgportage.config.Switching;
import dev.pgportage.config.Web;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MigrationIT {
  private static final String TABLES =
      """
      CREATE TABLE public.customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
      CREATE TABLE public.purchase (
        id serial PRIMARY KEY, customer bigint REFERENCES public.customer, total numeric(10, 2));
      CREATE TABLE public.seen (customer bigint, at timestamptz);
      CREATE UNLOGGED TABLE public.cache (k text PRIMARY KEY, v jsonb);
      INSERT INTO public.customer (name) SELECT 'c' || i FROM generate_series(1, 1000) i;
      INSERT INTO public.purchase (customer, total) SELECT i, i FROM generate_series(1, 1000) i;
      INSERT INTO public.seen SELECT i, now() FROM generate_series(1, 100) i;
      INSERT INTO public.cache SELECT 'k' || i, '{}' FROM generate_series(1, 10) i;
      CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.seen VALUES (NEW.customer, now()); RETURN NEW; END $$;
      CREATE TRIGGER touched AFTER INSERT ON public.purchase
        FOR EACH ROW EXECUTE FUNCTION public.touch();
      """;

  @Test
  void carriesALiveDatabaseOver() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      source.execute(TABLES);
      var writing = new AtomicBoolean(true);
      var committed = new AtomicLong();
      var writer = CompletableFuture.runAsync(() -> write(source, writing, committed));
      var migration = new Migration(config(source, target), Monitor.none());
      assertThat(migration.migrate(Migration.Until.READY)).isEqualTo(Outcome.READY);
      long before = committed.get();
      var report = migration.cutover();
      writing.set(false);
      writer.join();
      assertThat(committed.get()).isGreaterThan(before);
      assertThat(report.freezeMillis()).isPositive();
      for (String table : List.of("customer", "purchase", "seen", "cache")) {
        String digest =
            "SELECT count(*) || md5(string_agg(t::text, ',' ORDER BY t::text)) FROM public."
                + table
                + " t";
        assertThat(target.text(digest)).as(table).isEqualTo(source.text(digest));
      }
      assertThat(target.number("SELECT count(*) FROM public.purchase WHERE total = -1"))
          .isEqualTo(committed.get());
      target.execute("INSERT INTO public.purchase (customer, total) VALUES (1, 5)");
      assertThat(target.number("SELECT count(*) FROM public.seen"))
          .isEqualTo(source.number("SELECT count(*) FROM public.seen") + 1);
      assertThat(migration.status().phase()).isEqualTo(Phases.CUT_OVER);
      assertThat(migration.cleanup().left()).isEmpty();
      assertThat(
              source.number(
                  "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"))
          .isZero();
      source.execute("INSERT INTO public.customer (name) VALUES ('writable again')");
    }
  }

  /** Another process than the one that proved everything cuts over, after some more changes. */
  @Test
  void provesRestingTablesBeforeTheFence() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      source.execute(TABLES);
      var config = config(source, target);
      new Migration(config, Monitor.none()).migrate(Migration.Until.READY);
      source.execute("UPDATE public.purchase SET total = total + 1");
      assertThat(new Migration(withoutSource(config), Monitor.none()).status())
          .satisfies(
              status -> {
                assertThat(status.phase()).isEqualTo("ready");
                assertThat(status.replication()).isEmpty();
                assertThat(status.sourceProblem()).get().asString().startsWith("CONNECTION_");
              });
      var report = new Migration(config, Monitor.none()).cutover();
      assertThat(report.tablesProven()).as("the two that are copied again").isEqualTo(2);
      assertThat(target.number("SELECT sum(total)::bigint FROM public.purchase"))
          .isEqualTo(source.number("SELECT sum(total)::bigint FROM public.purchase"));
    }
  }

  private static void write(TestDatabase source, AtomicBoolean writing, AtomicLong committed) {
    while (writing.get()) {
      try (Connection connection = source.writer();
          var statement = connection.createStatement()) {
        while (writing.get()) {
          statement.execute("INSERT INTO public.purchase (customer, total) VALUES (7, -1)");
          committed.incrementAndGet();
          Thread.sleep(2);
        }
      } catch (SQLException e) {
        // Fenced or cut off: a pool would reconnect.
        try {
          Thread.sleep(10);
        } catch (InterruptedException stop) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** The same while nothing answers where the source was. */
  private static MigrationConfig withoutSource(MigrationConfig config) {
    Endpoint source = config.source();
    return config(
        config.name(),
        new Endpoint(
            source.side(),
            source.host(),
            1,
            source.database(),
            source.user(),
            source.password(),
            source.tls(),
            source.connectTimeout()),
        config.target());
  }

  private static MigrationConfig config(TestDatabase source, TestDatabase target) {
    return config("it_" + source.name(), source.endpoint(), target.endpoint());
  }

  private static MigrationConfig config(String name, Endpoint source, Endpoint target) {
    return new MigrationConfig(
        name,
        source,
        target,
        MigrationConfig.Type.FULL_LOAD_AND_CDC,
        MigrationConfig.Filters.none(),
        new MigrationConfig.Schema(MigrationConfig.Schema.Mode.MANAGED),
        new MigrationConfig.Load(2, 2, 1 << 20, 1L << 30),
        new MigrationConfig.Apply(Optional.empty(), 10_000, 32 << 20, Duration.ofSeconds(1)),
        new MigrationConfig.Validation(2, 0, java.time.Duration.ZERO),
        new MigrationConfig.Cutover(
            MigrationConfig.Cutover.Fence.DATABASE,
            List.of(),
            1000,
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            MigrationConfig.Cutover.Reverse.OFF,
            Switching.none()),
        MigrationConfig.Safety.usual(),
        MigrationConfig.Ddl.PAUSE,
        Notifications.none(),
        Web.usual());
  }
}
