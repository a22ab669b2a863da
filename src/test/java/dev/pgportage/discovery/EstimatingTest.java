package dev.pgportage.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.discovery.Activity.TableWrites;
import dev.pgportage.discovery.Estimates.Jobs;
import dev.pgportage.discovery.Estimates.Span;
import dev.pgportage.discovery.Estimates.Time;
import dev.pgportage.discovery.Reading.Known;
import dev.pgportage.discovery.Reading.Unread;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSet.Member;
import dev.pgportage.schema.ObjectSet.Replication;
import dev.pgportage.schema.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is reckoned of given figures; 1 GB of rows at rest, 1 GB busy, 512 MB of indexes. */
class EstimatingTest {
  private static final long MB = 1 << 20;
  private static final long GB = 1 << 30;
  private static final QualifiedName BUSY = new QualifiedName("public", "busy");
  private static final QualifiedName RESTS = new QualifiedName("public", "rests");
  private static final Sizes SIZES = new Sizes(2, 1000, 0, 2 * GB, 0, 512 * MB, 3, 0, List.of());
  private static final Unread<Double> UNREAD = new Unread<>("no privilege", "GRANT");

  @Test
  void takesTheSlowerOfReadingAndSendingForEachWorker() {
    // 100 MB of disk a second are read, 50 MB sent, and a byte of disk is half a byte on the wire.
    Span load = span(estimates(measured(100, 0.5, 50, 4), 100), "full load");
    // 2 GB by 8 workers of 100 MB/s: 2.56 s, between 1.2 and 4 times that, 1 to 5 s to begin.
    assertThat(load.from()).isEqualTo(Duration.ofMillis(4072));
    assertThat(load.to()).isEqualTo(Duration.ofMillis(15_240));
    Span narrow = span(estimates(measured(100, 2, 50, 4), 100), "full load");
    assertThat(narrow.from().toMillis()).isEqualTo(13_288);
  }

  @Test
  void provesBehindTheFenceOnlyWhatIsWrittenTo() {
    Span freeze = span(estimates(measured(100, 1, 100, 4), 100), "freeze of the cutover");
    // 1 GB hashed at twice 200 MB/s: 2.56 s, between 0.7 and 3 times that, 0.5 to 2 s else.
    assertThat(freeze.from().toMillis()).isCloseTo(500 + 1792, within(1L));
    assertThat(freeze.to().toMillis()).isCloseTo(2000 + 7680, within(1L));
  }

  @Test
  void keepsAsMuchWalAsComesUntilTheIndexesAreThere() {
    Estimates estimates = estimates(measured(100, 1, 100, 4), 100);
    Span load = span(estimates, "full load");
    Span indexes = span(estimates, "keys and indexes");
    long bytes =
        estimates.room().stream()
            .filter(room -> room.what().startsWith("source: WAL"))
            .findFirst()
            .orElseThrow()
            .bytes()
            .known()
            .orElseThrow();
    assertThat(bytes).isEqualTo(load.to().plus(indexes.to()).toMillis() * MB / 1000);
  }

  @Test
  void suggestsAsManyWorkersAsTheScarcestAllows() {
    assertThat(jobs(estimates(measured(1, 1, 1, 4), 100), "load.workers")).isEqualTo(8);
    assertThat(jobs(estimates(measured(1, 1, 1, 4), 6), "load.workers")).isEqualTo(3);
    assertThat(jobs(estimates(measured(1, 1, 1, 4), 0), "load.workers")).isEqualTo(1);
    // Two tables of 1 GB in chunks of 256 MB.
    assertThat(jobs(estimates(measured(1, 1, 1, 64), 100), "load.workers")).isEqualTo(10);
    assertThat(jobs(estimates(measured(1, 1, 1, 64), 100), "load.index_workers")).isEqualTo(3);
    assertThat(jobs(estimates(measured(1, 1, 1, 2), 100), "load.index_workers")).isEqualTo(2);
  }

  @Test
  void saysWhatItCouldNotReckonAndWhy() {
    var nothing =
        new Measurements(
            Duration.ZERO,
            Duration.ZERO,
            new Unread<>("no privilege", "GRANT"),
            new Unread<>("no privilege", "GRANT"),
            UNREAD,
            UNREAD,
            4);
    for (Time time : estimates(nothing, 100).times()) {
      assertThat(time.span()).as(time.part()).isEqualTo(new Unread<Span>("no privilege", "GRANT"));
      assertThat(time.how()).as(time.part()).doesNotContain("null");
    }
  }

  @Test
  void takesNoTimeForNothing() {
    var none = new Sizes(0, 0, 0, 0, 0, 0, 0, 0, List.of());
    var estimates =
        new Estimating(
                config(),
                new ObjectSet(List.of(), List.of(), false),
                none,
                activity(),
                measured(100, 1, 100, 4),
                100)
            .run();
    assertThat(span(estimates, "full load").to()).isEqualTo(Duration.ofSeconds(5));
    assertThat(span(estimates, "keys and indexes").to()).isZero();
    assertThat(span(estimates, "validation of every row").to()).isZero();
    assertThat(jobs(estimates, "load.workers")).isOne();
  }

  private static Estimates estimates(Measurements measured, int connections) {
    var objects =
        new ObjectSet(
            List.of(
                new Member(table(BUSY), Replication.STREAMED),
                new Member(table(RESTS), Replication.STREAMED)),
            List.of(),
            false);
    return new Estimating(config(), objects, SIZES, activity(), measured, connections).run();
  }

  /** Reads so many MB a second, sends so many, hashes 200 and sorts a million keys. */
  private static Measurements measured(int reads, double expansion, int sends, int cores) {
    return new Measurements(
        Duration.ofMillis(1),
        Duration.ofMillis(1),
        new Known<>(sample(reads * MB, expansion)),
        new Known<>(sample(200 * MB, 1)),
        new Known<>((double) sends * MB),
        new Known<>(1e6),
        cores);
  }

  private static Measurements.Sample sample(long bytes, double expansion) {
    return new Measurements.Sample(
        List.of(BUSY), 1000, bytes, (long) (bytes * expansion), Duration.ofSeconds(1));
  }

  /** A megabyte of WAL a second. */
  private static Activity activity() {
    return new Activity(
        Duration.ofSeconds(2),
        1,
        0,
        0,
        1,
        new Known<>(2 * MB),
        new Unread<>("not kept", ""),
        List.of(new TableWrites(BUSY, 1, 0, 0)));
  }

  private static Table table(QualifiedName name) {
    return new Table(
        16_384,
        name,
        Table.Kind.ORDINARY,
        false,
        List.of(),
        Optional.empty(),
        Table.ReplicaIdentity.KEY,
        Optional.empty(),
        false,
        false,
        GB,
        GB / 8192,
        500);
  }

  private static MigrationConfig config() {
    return MigrationFile.of(
            List.of(
                new MigrationFile.Option("--source", "source", "postgresql://u@127.0.0.1/a"),
                new MigrationFile.Option("--target", "target", "postgresql://u@127.0.0.1/b")),
            new Environment(Map.of(), Path.of("/nowhere")))
        .config();
  }

  private static Span span(Estimates estimates, String part) {
    return estimates.times().stream()
        .filter(time -> time.part().equals(part))
        .findFirst()
        .orElseThrow()
        .span()
        .known()
        .orElseThrow();
  }

  private static int jobs(Estimates estimates, String setting) {
    return estimates.jobs().stream()
        .filter(jobs -> jobs.setting().equals(setting))
        .mapToInt(Jobs::value)
        .findFirst()
        .orElseThrow();
  }
}
