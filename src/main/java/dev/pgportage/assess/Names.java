package dev.pgportage.assess;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Lists of objects in sentences and in statements. */
final class Names {
  private static final int SHOWN = 5;

  private Names() {}

  /** The first few, and how many more: {@code a, b and 7 more}. */
  static String some(Collection<String> names) {
    String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
  }

  /** {@code 1 table}, {@code 3 tables}. */
  static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** OIDs as the text of an array, for {@code ?::oid[]}. */
  static String array(List<Long> oids) {
    return oids.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
  }

  /** Texts as one parameter, for {@code ANY (?)}. */
  static Object texts(Collection<String> texts) {
    return texts.toArray(String[]::new);
  }

  /** Bytes for people: {@code 3.4 MB}, {@code 120 kB}; a kilobyte has 1024. */
  static String bytes(long bytes) {
    String[] units = {"bytes", "kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " bytes"
        : String.format(java.util.Locale.ROOT, "%.1f %s", value, units[unit]);
  }
}
