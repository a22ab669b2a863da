package dev.pgportage.journey;

import dev.pgportage.testing.ChaosProxy;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The program as a service: started again whenever it ends, as systemd does, until it is done. */
final class ChaosService implements AutoCloseable {
  private static final Path FAKE_TIME =
      Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")
          .map(directory -> Path.of(directory, "faketime", "libfaketime.so.1"))
          .filter(Files::exists)
          .findFirst()
          .orElse(Path.of("/nowhere"));

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration AT_WORK = Duration.ofSeconds(10);
  private static final int KILLED = 137;
  private static final int TERMINATED_AS_IT_STARTED = 143;

  /** What the program may say when its world breaks, and is then started again. */
  private static final Set<String> EXPECTED =
      Set.of(
          "CONNECTION_LOST",
          "CONNECTION_REFUSED",
          "CONNECTION_TIMEOUT",
          "DISK_FULL",
          "INTERRUPTED",
          "TOO_MANY_CONNECTIONS",
          "LEASE_HELD",
          "LEASE_LOST",
          "SLOT_IN_USE",
          "STALLED");

  private final Journey journey;
  private final ChaosServers servers;
  private final Consumer<String> log;
  private final Path clock;
  private final boolean fakesTime;
  private Optional<Program.Live> running = Optional.empty();
  private boolean finished;

  /**
   * A service that does not run yet.
   *
   * @param fakesTime whether its clock can be moved, which makes it slower
   */
  ChaosService(Journey journey, ChaosServers servers, Consumer<String> log, boolean fakesTime)
      throws IOException {
    this.fakesTime = fakesTime && canFakeTime();
    this.journey = journey;
    this.servers = servers;
    this.log = log;
    clock = Files.createTempFile("pgportage-clock", null);
    Files.writeString(clock, "+0");
  }

  static boolean canFakeTime() {
    return Files.exists(FAKE_TIME);
  }

  /** Writes down what happens. */
  void note(String what) {
    log.accept(what);
  }

  boolean fakesTime() {
    return fakesTime;
  }

  /** Starts the migration. */
  void start() {
    running = Optional.of(command("migrate"));
  }

  /** Starts a command of the program, over the networks that can be disturbed. */
  Program.Live command(String command, String... options) {
    Program program =
        journey
            .program(command, options)
            .and("--source=" + over(journey.source(), servers.toSource()))
            .and("--target=" + over(journey.target(), servers.toTarget()));
    if (fakesTime) {
      program
          .with("LD_PRELOAD", FAKE_TIME.toString())
          .with("FAKETIME_TIMESTAMP_FILE", clock.toString())
          .with("FAKETIME_CACHE_DURATION", "1")
          .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
          .with("DONT_FAKE_MONOTONIC", "1")
          // Else Java's timed waits end at once, and its sleeps take ten times as long.
          .with("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }
    return program.start();
  }

  private static String over(TestDatabase database, ChaosProxy proxy) {
    return database.url().replace(":" + database.server().port() + "/", ":" + proxy.port() + "/");
  }

  /** Starts the program again if it has ended. */
  void tend() {
    Program.Live live = running.orElseThrow();
    if (finished || live.process().isAlive()) {
      return;
    }
    Program.Ended ended = live.end();
    live.close();
    if (ended.status() == 0) {
      finished = true;
      return;
    }
    boolean expected =
        ended.status() == KILLED
            || (ended.status() == TERMINATED_AS_IT_STARTED
                && ended.output().lines().allMatch(l -> l.isBlank() || l.startsWith("Warning: --")))
            || EXPECTED.stream().anyMatch(ended.output()::contains);
    if (!expected || ended.output().contains("INTERNAL")) {
      running = Optional.empty();
      throw new AssertionError("The program ended with " + ended.status() + ":\n" + ended.output());
    }
    note("  ended with " + ended.status() + " " + brief(ended.output()) + "; started again");
    start();
  }

  /** Waits and starts the program again whenever it ends. */
  void tend(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end) {
      tend();
      Thread.sleep(20);
    }
  }

  Program.Ended tendUntilEnd(Program.Live command) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (command.process().isAlive()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("The command does not end: " + command.end());
      }
      tend();
      Thread.sleep(20);
    }
    return command.end();
  }

  void kill() {
    running.orElseThrow().process().destroyForcibly();
  }

  void killAndWait() throws InterruptedException {
    kill();
    running.orElseThrow().process().waitFor();
  }

  /** Asks it to stop, which must take seconds at most. */
  void terminate() throws InterruptedException {
    Process process = running.orElseThrow().process();
    if (!process.isAlive()) {
      return;
    }
    long began = System.nanoTime();
    running.orElseThrow().signal("TERM");
    if (!process.waitFor(25, TimeUnit.SECONDS)) {
      throw new AssertionError("SIGTERM does not end it: " + running.orElseThrow().end());
    }
    note("  SIGTERM took " + (System.nanoTime() - began) / 1_000_000 + " ms");
  }

  void pause(long millis) throws InterruptedException {
    Program.Live live = running.orElseThrow();
    if (live.process().isAlive()) {
      live.signal("STOP");
      Thread.sleep(millis);
      live.signal("CONT");
    }
  }

  /** Another process begins while this one sleeps and has lost its sessions; one of both ends. */
  void replaceByAnother(long millis) throws Exception {
    Program.Live zombie = running.orElseThrow();
    if (!zombie.process().isAlive()) {
      return;
    }
    zombie.signal("STOP");
    endSessions(journey.target());
    start();
    Program.Live successor = running.orElseThrow();
    Thread.sleep(millis);
    zombie.signal("CONT");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (zombie.process().isAlive() && successor.process().isAlive()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Both go on: " + output(zombie) + output(successor));
      }
      Thread.sleep(50);
    }
    boolean wokeInTime = zombie.process().isAlive();
    running = Optional.of(wokeInTime ? zombie : successor);
    Program.Live other = wokeInTime ? successor : zombie;
    String what = (wokeInTime ? "  successor" : "  zombie") + " ended: ";
    note(what + brief(other.end().output()));
    other.close();
  }

  void moveClock(int hours) throws IOException {
    Files.writeString(clock, (hours < 0 ? "" : "+") + hours + "h");
  }

  void endSessions(TestDatabase database) {
    try {
      database.endSessions();
    } catch (SQLException e) {
      note("  no sessions to end: the server is down");
    }
  }

  /** Where the migration stands, for the log. */
  String phase() {
    try {
      return journey.target().text("SELECT phase FROM pgportage.migration").orElse("nothing");
    } catch (SQLException e) {
      return "unknown";
    }
  }

  boolean isCutOver() {
    return finished || (Set.of("open", "finish", "cut-over").contains(phase()) && isOpen());
  }

  private boolean isOpen() {
    return isDone("open");
  }

  /** Whether the writes are on the source again, or on the way there for good. */
  boolean isRolledBack() {
    return isDone("rollback-open");
  }

  private boolean isDone(String step) {
    try {
      return journey
              .target()
              .number(
                  "SELECT count(*) FROM pgportage.step WHERE status = 'done' AND name = '"
                      + step
                      + "'")
          > 0;
    } catch (SQLException e) {
      return false;
    }
  }

  void awaitReady() throws InterruptedException {
    await("ready", "open", "finish", "cut-over");
  }

  void awaitCutOver() throws InterruptedException {
    await("cut-over");
  }

  /** Waits for one of some phases. */
  void await(String... phases) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!finished && !Set.of(phases).contains(phase())) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "Never came to "
                + String.join(", ", phases)
                + ", but is at "
                + phase()
                + ": "
                + output());
      }
      tend();
      Thread.sleep(150);
    }
  }

  /** Waits until the program that runs now has taken the lease; not for ever. */
  void awaitAtWork() throws InterruptedException {
    long end = System.nanoTime() + AT_WORK.toNanos();
    while (!finished && System.nanoTime() < end && !holdsLease()) {
      tend();
      Thread.sleep(100);
    }
  }

  private boolean holdsLease() {
    try {
      String mine = "process " + running.orElseThrow().process().pid();
      return journey
          .target()
          .text("SELECT run_holder FROM pgportage.migration")
          .filter(holder -> holder.endsWith(mine))
          .isPresent();
    } catch (SQLException e) {
      return false;
    }
  }

  private String output() {
    return output(running.orElseThrow());
  }

  private static String output(Program.Live live) {
    try {
      return Files.readString(live.output());
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** It goes on for ever while changes flow back: it is asked to end. */
  void endIt() throws InterruptedException {
    tend();
    terminate();
    finished = true;
    running.orElseThrow().close();
  }

  /** It ends by itself once the cutover is done. */
  void stop() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!finished) {
      if (System.nanoTime() > end) {
        throw new AssertionError("It does not end after the cutover: " + output());
      }
      tend();
      Thread.sleep(20);
    }
  }

  static String brief(String output) {
    String line =
        output
            .lines()
            .filter(text -> text.matches(".*\\b[A-Z]+_[A-Z_]+: .*|STALLED: .*|INTERRUPTED: .*"))
            .reduce((_, last) -> last)
            .orElse("");
    return line.substring(0, Math.min(220, line.length()));
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      running.ifPresent(Program.Live::close);
    }
    Files.deleteIfExists(clock);
  }
}
