package dev.pgportage.journey;

import dev.pgportage.state.CrashPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, as a user runs it. */
final class Program {
  private static final int KILLED = 128 + 9;
  private static final int PATIENCE_SECONDS = 120;

  private final List<String> arguments;
  private final Map<String, String> variables = new HashMap<>();

  private Program(List<String> arguments) {
    this.arguments = List.copyOf(arguments);
  }

  /**
   * How it ended.
   *
   * @param status its exit status
   * @param output what it printed on both streams
   */
  record Ended(int status, String output) {
    /** Whether it was killed by SIGKILL. */
    boolean killed() {
      return status == KILLED;
    }
  }

  /** The program with these arguments. */
  static Program of(List<String> arguments) {
    return new Program(arguments);
  }

  /** The same with one more option. */
  Program and(String option) {
    var more = new ArrayList<>(arguments);
    more.add(option);
    return new Program(more);
  }

  /** The same with a variable of its environment set. */
  Program with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  /** The same, to be killed when it passes a point for the n-th time. */
  Program killedAt(CrashPoint point, int passage) {
    return with("PGPORTAGE_CRASH_AT", point.label() + ":" + passage);
  }

  /** Runs it to its end. */
  Ended run() {
    try {
      Path output = Files.createTempFile("pgportage-", ".out");
      try {
        Process process = start(output);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
          throw new AssertionError(
              String.join(" ", arguments) + " does not end:\n" + Files.readString(output));
        }
        return new Ended(process.exitValue(), Files.readString(output));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private Process start(Path output) throws IOException {
    var line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dpgportage.home=" + System.getProperty("pgportage.home"),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.pgportage.cli.Main"));
    line.addAll(arguments);
    var builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PG") && !isClient(name));
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  private static boolean isClient(String name) {
    return name.equals("PGPORTAGE_PG_BIN");
  }
}
