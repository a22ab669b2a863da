package dev.pgportage.cli;

import java.io.PrintStream;
import java.util.List;

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
  private boolean closed;

  Screen(PrintStream out) {
    this.out = out;
    out.print(ENTER);
    out.flush();
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
