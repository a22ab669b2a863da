package dev.pgportage.cli;

import java.util.List;
import java.util.function.UnaryOperator;

/** Items that stand beside each other, on as many lines as they need. */
final class SideBySide {
  private static final String BETWEEN = "  ";

  private SideBySide() {}

  /** A few words and how they stand out. */
  record Item(String text, UnaryOperator<String> look) {}

  /** Adds the items' lines, none longer than the width. */
  static void add(List<String> lines, List<Item> items, int width) {
    var line = new StringBuilder();
    int used = 0;
    for (Item item : items) {
      int length = item.text().length();
      if (used > 0 && used + BETWEEN.length() + length > width) {
        lines.add(line.toString());
        line.setLength(0);
        used = 0;
      }
      line.append(used == 0 ? "" : BETWEEN)
          .append(item.look().apply(Columns.cut(item.text(), width)));
      used += (used == 0 ? 0 : BETWEEN.length()) + length;
    }
    if (used > 0) {
      lines.add(line.toString());
    }
  }
}
