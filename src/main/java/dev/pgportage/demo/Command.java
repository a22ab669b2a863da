package dev.pgportage.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A short-lived program, run to its end with what it printed kept. */
record Command(List<String> line) {
  private static final int TIMEOUT_SECONDS = 180;

  /**
   * How a program ended.
   *
   * @param status its exit status; -1 if it could not be started or was killed for taking too long
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

  /** Runs it and waits. An interrupt kills the program and stays set. */
  Outcome run() {
    try {
      // A file rather than a pipe: a server started by the program would keep a pipe open.
      Path output = Files.createTempFile("pgportage", ".out");
      try {
        var builder =
            new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
        cleanEnvironment(builder);
        int status = await(builder.start());
        return new Outcome(status, Files.readString(output).strip());
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      return new Outcome(-1, String.valueOf(e.getMessage()));
    }
  }

  /** Takes away what could bend PostgreSQL's programs: PGDATA, PGPORT and their like. */
  static void cleanEnvironment(ProcessBuilder builder) {
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
  }

  private static int await(Process process) throws IOException {
    process.getOutputStream().close();
    try {
      if (process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return -1;
  }
}
