package dev.pgportage.schema;

import dev.pgportage.config.MigrationConfig.Filters;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of the schema filters leave out besides tables and sequences.
 *
 * @param kinds kinds of entries, in pg_dump's words
 * @param extensions extensions by their names
 */
public record LeftOutParts(Set<String> kinds, Set<String> extensions) {
  private static final String KIND = "kind:";
  private static final String EXTENSION = "extension:";

  /** What a database can do without: no table's rows depend on it. */
  static final Set<String> KINDS =
      new TreeSet<>(
          Set.of(
              "AGGREGATE",
              "CAST",
              "COMMENT",
              "CONVERSION",
              "FK CONSTRAINT",
              "FUNCTION",
              "INDEX",
              "MATERIALIZED VIEW",
              "OPERATOR",
              "POLICY",
              "PROCEDURE",
              "RULE",
              "STATISTICS",
              "TEXT SEARCH CONFIGURATION",
              "TEXT SEARCH DICTIONARY",
              "TRIGGER",
              "VIEW"));

  /** Copies the sets. */
  public LeftOutParts {
    kinds = Set.copyOf(kinds);
    extensions = Set.copyOf(extensions);
  }

  /** Whether a pattern is about kinds or extensions, not about tables and sequences. */
  static boolean isPart(String pattern) {
    return pattern.startsWith(KIND) || pattern.startsWith(EXTENSION);
  }

  /**
   * Resolves the patterns about kinds and extensions.
   *
   * @param extensions those the source has
   * @param problems takes what is wrong with the patterns
   */
  static LeftOutParts of(Filters filters, List<String> extensions, List<String> problems) {
    List<String> words = KINDS.stream().map(LeftOutParts::word).toList();
    Set<String> kinds = leftOut(KIND, words, filters, problems);
    return new LeftOutParts(
        KINDS.stream().filter(kind -> kinds.contains(word(kind))).collect(Collectors.toSet()),
        leftOut(EXTENSION, extensions, filters, problems));
  }

  /** A kind as the file has it. */
  private static String word(String kind) {
    return kind.toLowerCase(Locale.ROOT).replace(' ', '-');
  }

  private static Set<String> leftOut(
      String prefix, List<String> candidates, Filters filters, List<String> problems) {
    for (String text :
        Stream.concat(filters.include().stream(), filters.exclude().stream()).toList()) {
      if (text.startsWith(prefix) && candidates.stream().noneMatch(matching(prefix, text))) {
        problems.add("'" + text + "' " + whyNothing(text, candidates));
      }
    }
    Predicate<String> excluded = any(prefix, filters.exclude());
    boolean all = filters.include().stream().noneMatch(text -> text.startsWith(prefix));
    for (String text : filters.include()) {
      if (text.startsWith(prefix)
          && candidates.stream().filter(matching(prefix, text)).allMatch(excluded)) {
        problems.add("'%s' is included, and excluded altogether".formatted(text));
      }
    }
    Predicate<String> included = all ? _ -> true : any(prefix, filters.include());
    return candidates.stream().filter(excluded.or(included.negate())).collect(Collectors.toSet());
  }

  private static String whyNothing(String text, List<String> candidates) {
    String kind = text.startsWith(KIND) ? text.substring(KIND.length()) : "";
    return switch (kind) {
      case "table", "sequence", "foreign-table" ->
          "is none that filters know: tables and sequences are chosen by schema.name patterns";
      case "constraint", "key", "primary-key", "unique", "check-constraint", "default" ->
          "is none that filters know: it goes with its table, which a schema.name pattern leaves out";
      case "extension" -> "is none that filters know: extensions are chosen by extension:NAME";
      case "row-security" ->
          "is none that filters know: kind:policy leaves out the policies, and row security stays on";
      default ->
          "matches none of: "
              + (candidates.isEmpty() ? "nothing" : String.join(", ", candidates))
              + (Kinds.stage(kind.toUpperCase(Locale.ROOT).replace('-', ' ')).isPresent()
                  ? "; rows may need what it names"
                  : "");
    };
  }

  private static Predicate<String> any(String prefix, List<String> texts) {
    return texts.stream()
        .filter(text -> text.startsWith(prefix))
        .map(text -> matching(prefix, text))
        .reduce(_ -> false, Predicate::or);
  }

  private static Predicate<String> matching(String prefix, String text) {
    String pattern =
        Stream.of(text.substring(prefix.length()).split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return Pattern.compile(pattern, Pattern.DOTALL).asMatchPredicate();
  }

  /** A unique index is a key, and stays with its table. */
  boolean has(TocEntry entry) {
    boolean key =
        entry.kind().equals("INDEX") && entry.definition().strip().startsWith("CREATE UNIQUE ");
    return (kinds.contains(entry.kind()) && !key)
        || (entry.kind().equals("EXTENSION") && extensions.contains(entry.tag()));
  }

  /** Whether comments are left out. */
  boolean comments() {
    return kinds.contains("COMMENT");
  }
}
