package dev.pgportage.cli;

import dev.pgportage.telemetry.Event;
import java.util.List;

/**
 * A migration's latest events as lines of a screen, one a line.
 *
 * @param style colours by level
 */
record RecentEvents(Style style) {
  /** Adds as many of the latest as the screen has room for. */
  void add(List<String> lines, List<Event> events, Screen.Size size) {
    int room = size.rows() - lines.size() - 2;
    if (room < 1 || events.isEmpty()) {
      return;
    }
    lines.add("");
    for (Event event : events.subList(Math.max(0, events.size() - room), events.size())) {
      String text =
          Columns.cut(
              Figures.clock(event.at()) + "  " + Columns.flat(event.message()), size.columns());
      lines.add(
          switch (event.level()) {
            case INFO -> text;
            case WARNING -> style.yellow(text);
            case ERROR -> style.red(text);
          });
    }
  }
}
