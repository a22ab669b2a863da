package dev.pgportage.journey;

import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * pg_dump's word on two databases: every object and row as text, compared line by line but for the
 * lines that {@code expected-differences.txt} lists and explains.
 */
final class Dumps {
  private static final int SHOWN = 20;

  private Dumps() {}

  /** The lines only one of the dumps has, shortened; empty if the databases are equal. */
  static List<String> differences(TestDatabase source, TestDatabase target) throws IOException {
    List<Pattern> expected = expected();
    List<String> left = lines(source, expected);
    List<String> right = lines(target, expected);
    var result = new ArrayList<String>();
    int same = 0;
    while (same < Math.min(left.size(), right.size()) && left.get(same).equals(right.get(same))) {
      same++;
    }
    for (int i = same; i < Math.max(left.size(), right.size()) && result.size() < SHOWN; i++) {
      String one = i < left.size() ? brief(left.get(i)) : "(end)";
      String other = i < right.size() ? brief(right.get(i)) : "(end)";
      if (!one.equals(other)) {
        result.add("line " + i + ": " + one + " <> " + other);
      }
    }
    if (result.isEmpty() && !left.equals(right)) {
      result.add("a long line differs after line " + same);
    }
    return result;
  }

  private static List<String> lines(TestDatabase database, List<Pattern> expected) {
    return Programs.comparableDump(database.superuserUrl())
        .lines()
        .filter(line -> expected.stream().noneMatch(p -> p.matcher(line).matches()))
        .toList();
  }

  private static List<Pattern> expected() throws IOException {
    try (InputStream in = Dumps.class.getResourceAsStream("expected-differences.txt")) {
      if (in == null) {
        throw new AssertionError("no expected-differences.txt beside the tests");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(Pattern::compile)
          .toList();
    }
  }

  private static String brief(String line) {
    return line.substring(0, Math.min(200, line.length()));
  }
}
