package dev.pgportage.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A terminal's whole screen, drawn again and again: on the alternate screen and without the cursor,
 * so that what stood there before is back when it is closed. Thread-safe.
 */
final class Screen implements AutoCloseable {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[2J";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String REST_OF_LINE = "\u001b[K";
  private static final String REST_OF_SCREEN = "\u001b[J";
  private static final long BETWEEN_LOOKS_NANOS = 2_000_000_000L;

  /**
   * How large the terminal is.
   *
   * @param rows lines
   * @param columns characters in a line
   */
  record Size(int rows, int columns) {
    static final Size USUAL = new Size(24, 80);
  }

  private final PrintStream out;
  private Size size = Size.USUAL;
  private long measuredAt = System.nanoTime() - BETWEEN_LOOKS_NANOS;
  private boolean closed;

  Screen(PrintStream out) {
    this.out = out;
    out.print(ENTER);
    out.flush();
  }

  /** How large the terminal is, as of the last seconds. */
  synchronized Size size() {
    if (System.nanoTime() - measuredAt >= BETWEEN_LOOKS_NANOS) {
      size = measured(size);
      measuredAt = System.nanoTime();
    }
    return size;
  }

  /** The terminal's size as {@code stty} tells it; Java has no way of its own. */
  static Size measured(Size otherwise) {
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
        return new Size(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
      }
    } catch (IOException e) {
      return otherwise;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return otherwise;
  }

  /** Draws lines, each not longer than the screen is wide, in place of what is there. */
  synchronized void draw(List<String> lines) {
    if (closed) {
      return;
    }
    var text = new StringBuilder(HOME);
    for (int i = 0; i < lines.size(); i++) {
      text.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(REST_OF_LINE);
    }
    out.print(text.append(REST_OF_SCREEN));
    out.flush();
  }

  /** Gives the terminal back as it was; may be called more than once. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      out.print(LEAVE);
      out.flush();
    }
  }
}
