package dev.pgportage.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A short-lived program, run to its end with what it printed kept. */
record Command(List<String> line) {
  /**
   * How a program ended.
   *
   * @param status its exit status; -1 if it could not be started or was killed
   * @param output what it printed on both streams, or why it could not be started
   */
  record Outcome(int status, String output) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /** A command made of a prefix and a program with its arguments. */
  static Command of(List<String> prefix, String... rest) {
    var line = new ArrayList<>(prefix);
    line.addAll(List.of(rest));
    return new Command(List.copyOf(line));
  }

  /** Runs it and waits for its end. An interrupt kills the program and stays set. */
  Outcome run() {
    var builder = new ProcessBuilder(line).redirectErrorStream(true);
    cleanEnvironment(builder);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(await(process), output.strip());
    } catch (IOException e) {
      return new Outcome(-1, String.valueOf(e.getMessage()));
    }
  }

  /** Takes away what could bend PostgreSQL's programs: PGDATA, PGPORT and their like. */
  static void cleanEnvironment(ProcessBuilder builder) {
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
  }

  private static int await(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return -1;
    }
  }
}
