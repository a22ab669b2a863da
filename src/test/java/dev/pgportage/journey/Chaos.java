package dev.pgportage.journey;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The long form of the reliability suite ({@code ./dev chaos}): migration after migration until
 * enough faults were injected. Every seed is logged with what it did, and can be replayed.
 */
public final class Chaos {
  private static final Path LOG = Path.of("target", "chaos.log");
  private static final int SOURCE = 15;
  private static final int TARGET = 17;

  private Chaos() {}

  /** Runs; exits with 1 if anything was lost, doubled, different or left. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> options =
        Stream.of(arguments)
            .filter(text -> text.matches("--(faults|seed|minutes)=\\d+"))
            .collect(
                Collectors.toMap(
                    t -> t.replaceFirst("--(\\w+)=.*", "$1"), t -> t.replaceFirst(".*=", "")));
    if (options.size() != arguments.length) {
      System.err.println(
          "./dev chaos [--faults=200] [--minutes=600] [--seed=S: one migration, replayed]");
      System.exit(2);
    }
    if (!ChaosService.canFakeTime()) {
      System.err.println(
          "CHAOS: no clocks jump: libfaketime is missing (apt-get install libfaketime)");
    }
    boolean replay = options.containsKey("seed");
    int wanted = Integer.parseInt(options.getOrDefault("faults", replay ? "1" : "200"));
    long end =
        System.nanoTime()
            + Duration.ofMinutes(Long.parseLong(options.getOrDefault("minutes", "600"))).toNanos();
    long seed = replay ? Long.parseLong(options.get("seed")) : new Random().nextLong(1_000_000_000);
    int failed = 0;
    int injected = 0;
    for (int run = 0;
        injected < wanted && System.nanoTime() < end && (!replay || run == 0);
        run++) {
      int faults = one(seed + run);
      injected += Math.abs(faults);
      failed += faults < 0 ? 1 : 0;
    }
    System.out.println(
        injected + " faults, " + failed + " migrations that were not exact; see " + LOG);
    System.exit(failed == 0 ? 0 : 1);
  }

  /** Returns how many faults were injected, negative if the migration was not exact. */
  static int one(long seed) throws IOException {
    long began = System.nanoTime();
    int faults = 3 + (int) (seed % 4);
    log("seed " + seed + ", " + faults + " faults");
    try (var servers = ChaosServers.start(SOURCE, TARGET);
        var run = new ChaosRun(servers, seed, moment -> log("    " + moment))) {
      int injected = run.run(faults);
      log("  exact after " + (System.nanoTime() - began) / 1_000_000_000 + " s");
      return injected;
    } catch (Exception | AssertionError e) {
      var trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      log("  FAILED seed " + seed + ": " + trace);
      return -faults;
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
