package dev.pgportage.cli;

import dev.pgportage.config.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * How large the terminal is, as of the last seconds: what {@code COLUMNS} and {@code LINES} say, or
 * {@code stty}, since Java has no way of its own. Thread-safe.
 */
final class TerminalSize {
  private static final long BETWEEN_LOOKS_NANOS = 3_000_000_000L;

  private final int columns;
  private final int rows;
  private Screen.Size size = Screen.Size.USUAL;
  private long measuredAt = System.nanoTime() - BETWEEN_LOOKS_NANOS;

  TerminalSize(Environment environment) {
    columns = number(environment, "COLUMNS");
    rows = number(environment, "LINES");
  }

  private static int number(Environment environment, String name) {
    String text = environment.variables().getOrDefault(name, "");
    return text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : 0;
  }

  synchronized Screen.Size now() {
    if (System.nanoTime() - measuredAt >= BETWEEN_LOOKS_NANOS) {
      if (columns == 0 || rows == 0) {
        size = measured(size);
      }
      size =
          new Screen.Size(rows == 0 ? size.rows() : rows, columns == 0 ? size.columns() : columns);
      measuredAt = System.nanoTime();
    }
    return size;
  }

  private static Screen.Size measured(Screen.Size otherwise) {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      if (stty.waitFor(1, TimeUnit.SECONDS) && answer.matches("[1-9][0-9]{0,3} [1-9][0-9]{0,3}")) {
        String[] parts = answer.split(" ", 2);
        return new Screen.Size(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
      }
    } catch (IOException e) {
      return otherwise;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return otherwise;
  }
}
