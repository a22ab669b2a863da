package dev.pgportage.cli;

import java.lang.Character.UnicodeScript;
import java.util.Set;

/** How texts fill a terminal's line: some letters take two columns of it, some none. */
final class Columns {
  private static final Set<UnicodeScript> WIDE =
      Set.of(
          UnicodeScript.HAN,
          UnicodeScript.HANGUL,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.YI);
  private static final int FIRST_PICTURE = 0x1F000;
  private static final int LAST_PICTURE = 0x1FAFF;

  private Columns() {}

  /** A text on one line, with its end cut off where the line ends. */
  static String cut(String text, int columns) {
    String line = flat(text);
    if (width(line) <= columns) {
      return line;
    }
    var kept = new StringBuilder();
    int used = 1;
    for (int letter : line.codePoints().toArray()) {
      used += width(letter);
      if (used > columns) {
        break;
      }
      kept.appendCodePoint(letter);
    }
    return columns < 1 ? "" : kept.append('…').toString();
  }

  /** A text without anything that moves the cursor or changes colours. */
  static String flat(String text) {
    return text.replaceAll("\\p{Cntrl}+\\s*", " ");
  }

  private static int width(String text) {
    return text.codePoints().map(Columns::width).sum();
  }

  private static int width(int letter) {
    int type = Character.getType(letter);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    boolean picture = letter >= FIRST_PICTURE && letter <= LAST_PICTURE;
    boolean fullWidth = letter >= 0xFF01 && letter <= 0xFF60;
    boolean punctuation = letter >= 0x3000 && letter <= 0x303E;
    return picture || fullWidth || punctuation || WIDE.contains(UnicodeScript.of(letter)) ? 2 : 1;
  }
}
