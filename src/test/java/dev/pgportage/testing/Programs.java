package dev.pgportage.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * PostgreSQL's own programs, run for tests: psql, pg_dump, pgbench, found on the PATH. Each fails
 * with what the program printed.
 */
public final class Programs {
  private static final Pattern DUMP_COMMENT =
      Pattern.compile(
          "--|-- (Name|Data for Name|Dumped|Completed|PostgreSQL database dump|TOC entry).*"
              + "|\\\\(un)?restrict .*");

  private Programs() {}

  /** Runs a script file with psql, stopping at its first error. */
  public static String psql(String url, Path script) {
    return run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", script.toString());
  }

  /**
   * A plain dump as pg_dump writes it; its version (15 on Debian 12) must be the server's or newer.
   */
  public static String dump(String url, String... options) {
    var line = new ArrayList<>(List.of("pg_dump", "-d", url));
    line.addAll(List.of(options));
    return run(line.toArray(String[]::new));
  }

  /**
   * A dump to compare with another database's: without pg_dump's comments, empty lines and random
   * keys, the rows of each COPY block sorted, since their order is nobody's promise. Of a line too
   * long to keep stand its beginning, its length and a hash over all of it.
   */
  public static String comparableDump(String url, String... options) {
    var line = new ArrayList<>(List.of("pg_dump", "-d", url));
    line.addAll(List.of(options));
    return reading(Programs::comparable, line);
  }

  private static String comparable(InputStream dump) throws IOException {
    var result = new StringBuilder();
    var lines = new DumpLines(dump);
    for (String line = lines.next(); line != null; line = lines.next()) {
      if (line.isBlank() || DUMP_COMMENT.matcher(line).matches()) {
        continue;
      }
      result.append(line).append('\n');
      if (line.startsWith("COPY ") && line.endsWith(" FROM stdin;")) {
        var rows = new ArrayList<String>();
        for (String row = lines.next(); row != null && !row.equals("\\."); row = lines.next()) {
          rows.add(row);
        }
        rows.sort(null);
        rows.forEach(row -> result.append(row).append('\n'));
        result.append("\\.\n");
      }
    }
    return result.toString();
  }

  /** Runs pgbench against a database. */
  public static String pgbench(String url, String... options) {
    var line = new ArrayList<>(List.of("pgbench"));
    line.addAll(List.of(options));
    line.add(url);
    return run(line.toArray(String[]::new));
  }

  /** Starts a program and leaves it running; its output goes to a file the caller names. */
  public static Process startPgbench(String url, Path output, String... options) {
    var line = new ArrayList<>(List.of("pgbench"));
    line.addAll(List.of(options));
    line.add(url);
    try {
      return new ProcessBuilder(line)
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String run(String... line) {
    return reading(
        output -> new String(output.readAllBytes(), StandardCharsets.UTF_8), List.of(line));
  }

  private interface Reading {
    String of(InputStream output) throws IOException;
  }

  private static String reading(Reading reading, List<String> line) {
    try {
      Path errors = Files.createTempFile("pgportage-test", ".err");
      try {
        Process process = new ProcessBuilder(line).redirectError(errors.toFile()).start();
        String read;
        try (InputStream output = process.getInputStream()) {
          read = reading.of(output);
        }
        int status = process.waitFor();
        if (status != 0) {
          throw new AssertionError(
              line.getFirst() + " ended with " + status + ":\n" + Files.readString(errors));
        }
        return read;
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(line.getFirst() + " was interrupted", e);
    }
  }
}
