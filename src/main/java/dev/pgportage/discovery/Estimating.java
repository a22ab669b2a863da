package dev.pgportage.discovery;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.discovery.Estimates.Jobs;
import dev.pgportage.discovery.Estimates.Room;
import dev.pgportage.discovery.Estimates.Span;
import dev.pgportage.discovery.Estimates.Time;
import dev.pgportage.discovery.Reading.Known;
import dev.pgportage.discovery.Reading.Unread;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Reckons durations, room and workers from what was found and timed; asks nobody. */
final class Estimating {
  // What a part takes at least and at most of the time reckoned from the measurement alone. The
  // factors are taken wide: disks, caches and processors of the target are not known.
  private static final double LOAD_BEST = 1.2;
  private static final double LOAD_WORST = 4;
  private static final int BEGIN_WORST_SECONDS = 5;
  private static final double INDEX_BEST = 1;
  private static final double INDEX_WORST = 4;
  private static final double PROOF_BEST = 0.7;
  private static final double PROOF_WORST = 3;
  private static final double FREEZE_BEST_SECONDS = 0.5;
  private static final double FREEZE_WORST_SECONDS = 2;

  // A row pointer and an eight-byte key in a page filled to nine tenths.
  private static final double INDEX_BYTES_PER_KEY = 22;
  private static final double SPARE = 1.5;
  private static final int MOST_LOAD_WORKERS = 16;
  private static final int MOST_INDEX_WORKERS = 4;
  private static final int CONNECTIONS_LEFT_TO_OTHERS = 2;

  private final MigrationConfig config;
  private final ObjectSet objects;
  private final Sizes sizes;
  private final Activity activity;
  private final Measurements measured;
  private final int loadWorkers;
  private final int indexWorkers;

  Estimating(
      MigrationConfig config,
      ObjectSet objects,
      Sizes sizes,
      Activity activity,
      Measurements measured,
      int freeConnections) {
    this.config = config;
    this.objects = objects;
    this.sizes = sizes;
    this.activity = activity;
    this.measured = measured;
    int connections = Math.max(1, freeConnections / CONNECTIONS_LEFT_TO_OTHERS);
    long chunks =
        objects.rowHolders().stream()
            .mapToLong(m -> 1 + m.table().bytes() / Math.max(1, config.load().chunkBytes()))
            .sum();
    this.loadWorkers = within(MOST_LOAD_WORKERS, measured.cores() * 2L, connections, chunks);
    this.indexWorkers =
        within(MOST_INDEX_WORKERS, measured.cores(), connections, sizes.indexCount());
  }

  private static int within(int most, long... limits) {
    long least = most;
    for (long limit : limits) {
      least = Math.min(least, limit);
    }
    return (int) Math.max(1, least);
  }

  Estimates run() {
    return new Estimates(List.of(load(), indexes(), validation(), freeze()), room(), jobs());
  }

  private Time load() {
    return new Time(
        "full load",
        carrying(sizes.copied()).map(span -> span.plus(Span.ofSeconds(1, BEGIN_WORST_SECONDS))),
        "%s of rows and large values; one connection %s, the slower of the two counts for each of %d workers. The target's writing cannot be timed without writing: it is reckoned with %s to %s times the measured time, and 1 to %s s for the slot and the snapshot."
            .formatted(
                bytes(sizes.copied()),
                told(
                    measured.reading(),
                    measured.sending(),
                    (reading, sending) ->
                        "read %s in %s (%s/s) from the largest tables and sends %s/s to the target"
                            .formatted(
                                bytes(reading.diskBytes()),
                                seconds(reading.took().toNanos() / 1e9),
                                bytes((long) reading.rate()),
                                bytes(sending.longValue()))),
                loadWorkers,
                LOAD_BEST,
                LOAD_WORST,
                BEGIN_WORST_SECONDS));
  }

  /** Bytes on disk a second that one worker carries at best. */
  private Reading<Double> workerRate() {
    return both(
        measured.reading(),
        measured.sending(),
        (reading, sending) -> Math.min(reading.rate(), sending / reading.expansion()));
  }

  private Time indexes() {
    return new Time(
        "keys and indexes",
        measured
            .sorting()
            .map(
                keys ->
                    span(
                        sizes.indexes(),
                        keys * INDEX_BYTES_PER_KEY * indexWorkers,
                        INDEX_BEST,
                        INDEX_WORST)),
        "%s in %d indexes on the source; one session of the target %s, an entry taken for %s bytes, %d built at once. Indexes other than btree take longer."
            .formatted(
                bytes(sizes.indexes()),
                sizes.indexCount(),
                told(
                    measured.sorting(),
                    new Known<>(0),
                    (keys, _) -> String.format(Locale.ROOT, "sorted %,.0f keys a second", keys)),
                (int) INDEX_BYTES_PER_KEY,
                indexWorkers));
  }

  private Time validation() {
    return new Time(
        "validation of every row",
        proof(sizes.copied()),
        "both servers hash the same rows at the same time; %s, %d tables at once."
            .formatted(hashed(), config.validation().workers()));
  }

  private String hashed() {
    return told(
        measured.hashing(),
        new Known<>(0),
        (hashing, _) -> "the source hashed %s/s".formatted(bytes((long) hashing.rate())));
  }

  private Time freeze() {
    Set<?> written =
        activity.tables().stream().map(Activity.TableWrites::table).collect(Collectors.toSet());
    long hot =
        objects.streamed().stream()
            .filter(table -> written.contains(table.name()))
            .mapToLong(Table::bytes)
            .sum();
    long again = objects.recopied().stream().mapToLong(Table::bytes).sum() + sizes.largeObjects();
    Reading<Span> span =
        both(
            proof(hot),
            carrying(again),
            (proof, copy) ->
                Span.ofSeconds(FREEZE_BEST_SECONDS, FREEZE_WORST_SECONDS).plus(proof).plus(copy));
    return new Time(
        "freeze of the cutover",
        span,
        "%s to %s s for fence, drain and sequences; the proof of the %s in tables written to during the sample (%s); %s of tables whose changes are not in the WAL, and of large objects, copied again. A longer --sample, at a busy hour, sees more of the tables written to."
            .formatted(
                FREEZE_BEST_SECONDS, FREEZE_WORST_SECONDS, bytes(hot), hashed(), bytes(again)));
  }

  /** Nothing takes no time, however fast the servers are. */
  private Reading<Span> proof(long size) {
    return size == 0
        ? new Known<>(Span.ofSeconds(0, 0))
        : measured
            .hashing()
            .map(
                hashing ->
                    span(
                        size,
                        hashing.rate() * config.validation().workers(),
                        PROOF_BEST,
                        PROOF_WORST));
  }

  private Reading<Span> carrying(long size) {
    return size == 0
        ? new Known<>(Span.ofSeconds(0, 0))
        : workerRate().map(rate -> span(size, rate * loadWorkers, LOAD_BEST, LOAD_WORST));
  }

  private static Span span(long size, double rate, double best, double worst) {
    double seconds = size / Math.max(1, rate);
    return Span.ofSeconds(seconds * best, seconds * worst);
  }

  private List<Room> room() {
    long data = sizes.copied() + sizes.indexes();
    Reading<Span> loading = both(load().span(), indexes().span(), Span::plus);
    return List.of(
        new Room(
            "target: rows and indexes",
            new Known<>(data),
            "as much as they take on the source; less if the source is bloated"),
        new Room(
            "target: disk to have",
            new Known<>((long) (data * SPARE)),
            "one and a half times that: WAL, sorting of index builds, changes meanwhile"),
        new Room(
            "target: room that is left",
            new Unread<>(
                "PostgreSQL does not tell it", "Look on the server, or in the provider's console."),
            ""),
        new Room(
            "source: WAL kept by the slot until the load is done",
            both(
                activity.walRate(),
                loading,
                (rate, span) -> (long) (rate * span.to().toMillis() / 1000)),
            "the rate of WAL (the larger of the sample and the average) times the longer estimate of load and indexes; the server's other databases are in it"));
  }

  private List<Jobs> jobs() {
    return List.of(
        new Jobs(
            "load.workers",
            loadWorkers,
            config.load().workers(),
            "two for each of the %d processors here, at most %d, half of the connections that are free on the side with fewer, and the number of chunks"
                .formatted(measured.cores(), MOST_LOAD_WORKERS)),
        new Jobs(
            "load.index_workers",
            indexWorkers,
            config.load().indexWorkers(),
            "at most %d: how many processors the target has cannot be read by SQL; raise it if they are more"
                .formatted(MOST_INDEX_WORKERS)));
  }

  private static <A, B, R> Reading<R> both(
      Reading<A> one, Reading<B> other, BiFunction<A, B, R> function) {
    return switch (one) {
      case Unread<A>(String unread, String remedy) -> new Unread<>(unread, remedy);
      case Known<A>(A value) -> other.map(second -> function.apply(value, second));
    };
  }

  private static <A, B> String told(
      Reading<A> one, Reading<B> other, BiFunction<A, B, String> words) {
    return both(one, other, words).known().orElse("not measured");
  }

  private static String seconds(double number) {
    return String.format(Locale.ROOT, "%.2f s", number);
  }

  private static String bytes(long number) {
    String unit = "B";
    double value = number;
    for (String larger : List.of("kB", "MB", "GB", "TB")) {
      if (value < 1024) {
        break;
      }
      value /= 1024;
      unit = larger;
    }
    return String.format(Locale.ROOT, unit.equals("B") ? "%.0f %s" : "%.1f %s", value, unit);
  }
}
