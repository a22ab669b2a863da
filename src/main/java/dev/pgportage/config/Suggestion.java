package dev.pgportage.config;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Guesses what a user meant by a word that is not known. */
final class Suggestion {
  private static final int ENOUGH = 3;
  private static final int MOST_EDITS = 3;

  private Suggestion() {}

  /** {@code did you mean …?}, or the fallback if nothing comes near. */
  static String forWord(String word, Collection<String> known, String fallback) {
    String wanted = normal(word);
    int limit = Math.clamp(wanted.length() / 2, 1, MOST_EDITS);
    int nearest =
        known.stream().mapToInt(c -> distance(wanted, normal(c), limit)).min().orElse(limit + 1);
    if (nearest > limit) {
      return fallback;
    }
    return known.stream()
        .filter(candidate -> distance(wanted, normal(candidate), limit) == nearest)
        .limit(ENOUGH)
        .collect(Collectors.joining(" or ", "did you mean ", "?"));
  }

  /** Case, hyphens and underscores make no difference, nor do the sections before the last name. */
  private static String normal(String word) {
    return word.substring(word.lastIndexOf('.') + 1)
        .replace("-", "")
        .replace("_", "")
        .toLowerCase(Locale.ROOT);
  }

  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) > limit) {
      return limit + 1;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int same = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(same, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
