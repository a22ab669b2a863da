package dev.pgportage.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Rows of words in aligned columns. Not thread-safe. */
final class TextTable {
  private final List<String> header;
  private final Set<Integer> right;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param right the columns, from 0, that are aligned to the right
   */
  TextTable(Set<Integer> right, String... header) {
    this.right = right;
    this.header = List.of(header);
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The table, each line indented by two spaces, the header dimmed. */
  String render(Style style) {
    int[] widths = new int[header.size()];
    measure(widths, header);
    rows.forEach(row -> measure(widths, row));
    var text = new StringBuilder();
    text.append(style.dim(line(widths, header))).append('\n');
    rows.forEach(row -> text.append(line(widths, row)).append('\n'));
    return text.toString();
  }

  private static void measure(int[] widths, List<String> cells) {
    Arrays.setAll(widths, i -> Math.max(widths[i], width(cells.get(i))));
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private String line(int[] widths, List<String> cells) {
    var line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String padding = " ".repeat(widths[i] - width(cells.get(i)));
      line.append("  ");
      line.append(right.contains(i) ? padding + cells.get(i) : cells.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }
}
