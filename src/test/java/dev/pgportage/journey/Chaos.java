package dev.pgportage.journey;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The long form of the reliability suite ({@code ./dev chaos}): migration after migration until
 * enough faults were injected. Every seed is logged with what it did, and can be replayed.
 */
public final class Chaos {
  private static final Path LOG = Path.of("target", "chaos.log");
  private static final Path HOLD = Path.of("target", "chaos.hold");
  private static final int SOURCE = 15;
  private static final int TARGET = 17;
  private static final int DENSE = 4;

  private final int density;
  private final int wanted;
  private final long end;
  private final AtomicLong next;
  private final List<ChaosFaults.Injected> injected = new ArrayList<>();
  private int migrations;
  private int failed;

  private Chaos(long firstSeed, int density, int wanted, long end) {
    this.density = density;
    this.wanted = wanted;
    this.end = end;
    this.next = new AtomicLong(firstSeed);
  }

  /**
   * What came of one migration.
   *
   * @param exact whether nothing was lost, doubled, different or left
   */
  record Outcome(boolean exact, List<ChaosFaults.Injected> injected) {}

  /** Runs; exits with 1 if anything was lost, doubled, different or left. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> options =
        Stream.of(arguments)
            .filter(text -> text.matches("--(faults|seed|minutes|density|jobs)=\\d+"))
            .collect(
                Collectors.toMap(
                    t -> t.replaceFirst("--(\\w+)=.*", "$1"), t -> t.replaceFirst(".*=", "")));
    if (options.size() != arguments.length) {
      System.err.println(
          "./dev chaos [--faults=200] [--minutes=600] [--density=4] [--jobs=2]"
              + " [--seed=S: one migration, replayed]");
      System.exit(2);
    }
    if (!ChaosService.canFakeTime()) {
      System.err.println(
          "CHAOS: no clocks jump: libfaketime is missing (apt-get install libfaketime)");
    }
    Function<String, Duration> minutes = text -> Duration.ofMinutes(Long.parseLong(text));
    boolean replay = options.containsKey("seed");
    var chaos =
        new Chaos(
            replay ? Long.parseLong(options.get("seed")) : new Random().nextLong(1_000_000_000),
            Integer.parseInt(options.getOrDefault("density", Integer.toString(DENSE))),
            replay ? 1 : Integer.parseInt(options.getOrDefault("faults", "200")),
            System.nanoTime() + minutes.apply(options.getOrDefault("minutes", "600")).toNanos());
    chaos.run(replay ? 1 : Integer.parseInt(options.getOrDefault("jobs", "2")));
    chaos.summarize();
    System.exit(chaos.failed == 0 ? 0 : 1);
  }

  private void run(int jobs) throws InterruptedException {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < jobs; i++) {
      threads.add(Thread.ofPlatform().start(this::migrate));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** One migration after the other on the same servers, which are made anew after a failure. */
  private void migrate() {
    while (isMoreWanted()) {
      try (var servers = ChaosServers.start(SOURCE, TARGET)) {
        Outcome outcome;
        do {
          awaitGo();
          outcome = one(servers, next.getAndIncrement(), density);
          note(outcome);
        } while (outcome.exact() && isMoreWanted());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** The machine may be needed for something else meanwhile. */
  private static void awaitGo() throws InterruptedException {
    while (Files.exists(HOLD)) {
      Thread.sleep(1000);
    }
  }

  private synchronized boolean isMoreWanted() {
    return injected.size() < wanted && System.nanoTime() < end;
  }

  private synchronized void note(Outcome outcome) {
    migrations++;
    failed += outcome.exact() ? 0 : 1;
    injected.addAll(outcome.injected());
  }

  private void summarize() {
    log("faults by kind:  " + tally(fault -> fault.fault().name()));
    log("faults by phase: " + tally(ChaosFaults.Injected::phase));
    log(
        "%d faults in %d migrations, %d of which were not exact; see %s"
            .formatted(injected.size(), migrations, failed, LOG));
  }

  private Map<String, Long> tally(Function<ChaosFaults.Injected, String> by) {
    return injected.stream()
        .collect(Collectors.groupingBy(by, TreeMap::new, Collectors.counting()));
  }

  /** One migration on servers of its own. */
  static Outcome one(long seed, int density) throws IOException {
    try (var servers = ChaosServers.start(SOURCE, TARGET)) {
      return one(servers, seed, density);
    }
  }

  private static Outcome one(ChaosServers servers, long seed, int density) {
    long began = System.nanoTime();
    log("seed " + seed + ", --density=" + density);
    List<ChaosFaults.Injected> injected = new ArrayList<>();
    try (var run =
        new ChaosRun(
            servers, seed, density, injected, moment -> log("    " + seed + " " + moment))) {
      run.run();
      log(
          "  exact: seed %d, %d faults in %d s"
              .formatted(seed, injected.size(), (System.nanoTime() - began) / 1_000_000_000));
      return new Outcome(true, injected);
    } catch (Exception | AssertionError e) {
      var trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      log("  FAILED seed " + seed + ": " + trace);
      return new Outcome(false, injected);
    }
  }

  private static synchronized void log(String line) {
    System.out.println(line);
    try {
      Files.createDirectories(LOG.toAbsolutePath().getParent());
      Files.writeString(LOG, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
