package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.profile.Profile;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whether the target's server is set up to take many rows at once, and how far away it is. */
final class TargetServerChecks {
  private static final long SMALLEST_WAL_MEGABYTES = 4096;
  private static final int SAMPLES = 5;

  private TargetServerChecks() {}

  static final Check AUTOVACUUM =
      Check.named("autovacuum", "Autovacuum on the Target", Side.TARGET)
          .worst(Severity.WARNS)
          .passes("`autovacuum` is on.")
          .why("Replicated changes leave dead rows behind, and nothing would remove them.")
          .fix("`ALTER SYSTEM SET autovacuum = on`, or vacuum by hand.")
          .by(
              e -> {
                if (e.setting("autovacuum").orElse("on").equals("off")) {
                  Remedy on =
                      e.remedy(
                          Order.SETTINGS,
                          "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();");
                  e.found(Severity.WARNS, List.of("autovacuum"), "autovacuum is off", List.of(on));
                }
              });

  static final Check WAL_SIZE =
      Check.named("max-wal-size", "Room for WAL on the Target", Side.TARGET)
          .worst(Severity.INFORMS)
          .passes("`max_wal_size` is at least 4 GB.")
          .why("A small one makes checkpoints follow each other during the load.")
          .fix("`ALTER SYSTEM SET max_wal_size = '4GB'` for the load.")
          .by(TargetServerChecks::walSize);

  static final Check SETTINGS =
      Check.named("recommended-settings", "Settings the Provider's Servers Need", Side.TARGET)
          .worst(Severity.INFORMS)
          .passes("The settings the target's profile names have at least the values it names.")
          .why("The load and the index builds are slower than the server could be.")
          .fix("Raise them for the migration.")
          .by(
              e -> {
                for (Profile.Setting setting : e.session().profile().settings()) {
                  Optional<Long> value = e.number(setting.name());
                  if (value.isPresent() && value.get() < setting.atLeast()) {
                    e.found(
                        Severity.INFORMS,
                        List.of(setting.name()),
                        "%s is %d. %s".formatted(setting.name(), value.get(), setting.why()),
                        setting.fix());
                  }
                }
              });

  static final Check SYNCHRONOUS =
      Check.named("synchronous-standbys", "Commits That Wait for Standbys", Side.TARGET)
          .worst(Severity.INFORMS)
          .passes("`synchronous_standby_names` is empty.")
          .why("Each commit of chunk and batch waits for the standbys too: safe, and slower.")
          .fix("Leave it, or empty it while rows are loaded.")
          .by(
              e -> {
                String names = e.setting("synchronous_standby_names").orElse("");
                if (!names.isEmpty()) {
                  e.found(
                      Severity.INFORMS,
                      List.of("synchronous_standby_names"),
                      "Commits on the target wait for " + names,
                      "Leave it, or empty synchronous_standby_names while rows are loaded.");
                }
              });

  static final Check CLOCK = clock(Duration.ofSeconds(5));

  static final Check ROUND_TRIP = roundTrip(Duration.ofMillis(50));

  static final Check SNAPSHOT =
      Check.named("exported-snapshot", "One Snapshot for All Workers", Side.SOURCE)
          .passes("A snapshot one session exports can be taken up by another.")
          .why(
              "All tables are read as they were at one moment; a balancer between two servers, or a"
                  + " pooler, makes that impossible.")
          .fix("Name the server's own host and port.")
          .by(TargetServerChecks::snapshot);

  private static void walSize(Examination e) throws SQLException {
    long megabytes = e.number("max_wal_size").orElse(SMALLEST_WAL_MEGABYTES);
    // A load smaller than the limit never meets it.
    long loaded = e.objects().rowHolders().stream().mapToLong(m -> m.table().bytes()).sum() >> 20;
    if (megabytes < SMALLEST_WAL_MEGABYTES && loaded > megabytes) {
      e.found(
          Severity.INFORMS,
          List.of("max_wal_size"),
          "max_wal_size is %s, for %s to load"
              .formatted(Names.bytes(megabytes << 20), Names.bytes(loaded << 20)),
          List.of(
              e.remedy(
                      Order.SETTINGS,
                      "ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf();")
                  .noting("as superuser")));
    }
  }

  /** The check for clocks that differ by more than so much. */
  static Check clock(Duration largest) {
    return Check.named("clock", "Clocks", Side.SOURCE, Side.TARGET)
        .worst(Severity.INFORMS)
        .passes("The server's clock differs from this machine's by less than five seconds.")
        .why("Lag is told in seconds by the source's clock, times in reports by this machine's.")
        .fix("Set this machine's clock by NTP.")
        .by(e -> clock(e, largest));
  }

  /** The check for ways there and back that take longer than so long. */
  static Check roundTrip(Duration longest) {
    return Check.named("round-trip", "Way to the Servers", Side.SOURCE, Side.TARGET)
        .worst(Severity.INFORMS)
        .passes("A query's way there and back takes less than 50 ms (the median of five).")
        .why("Each statement waits for it: batches apply more slowly, and the freeze is longer.")
        .fix("Run pgportage on a machine near the target, in its region.")
        .by(e -> roundTrip(e, longest));
  }

  /** Half of the way there and back is the doubt; only what exceeds it is told. */
  private static void clock(Examination e, Duration largest) throws SQLException {
    long before = System.currentTimeMillis();
    long there =
        Sql.queryLong(
            e.connection(), "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8");
    long after = System.currentTimeMillis();
    long skew = Math.abs(there - (before + after) / 2) - (after - before) / 2;
    if (skew > largest.toMillis()) {
      e.found(
          Severity.INFORMS,
          List.of(e.session().database().endpoint().toString()),
          "The %s's clock is %d seconds %s this machine's"
              .formatted(e.side(), skew / 1000, there > after ? "ahead of" : "behind"),
          "Set this machine's clock by NTP.");
    }
  }

  private static void roundTrip(Examination e, Duration longest) throws SQLException {
    long[] nanos = new long[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      long start = System.nanoTime();
      Sql.queryLong(e.connection(), "SELECT 1");
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    Duration median = Duration.ofNanos(nanos[SAMPLES / 2]);
    if (median.compareTo(longest) > 0) {
      e.found(
          Severity.INFORMS,
          List.of(e.session().database().endpoint().toString()),
          "The way to the %s and back takes %d ms".formatted(e.side(), median.toMillis()),
          "Run pgportage on a machine near the target, in its region.");
    }
  }

  private static void snapshot(Examination e) throws SQLException {
    try (var exporter = e.session().database().open("probe");
        var importer = e.session().database().open("probe")) {
      exporter.setAutoCommit(false);
      importer.setAutoCommit(false);
      String begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
      Sql.execute(exporter, begin);
      String name = Sql.queryText(exporter, "SELECT pg_export_snapshot()").orElseThrow();
      Sql.execute(importer, begin);
      try {
        Sql.execute(importer, "SET TRANSACTION SNAPSHOT " + Quoting.literal(name));
      } catch (SQLException refused) {
        e.found(
            Severity.BLOCKS,
            List.of(e.session().database().endpoint().toString()),
            "A second session cannot see the first one's snapshot: "
                + SqlFailures.describe(refused),
            "Name the server's own host and port in the URL of the source.");
      } finally {
        importer.rollback();
        exporter.rollback();
      }
    }
  }
}
