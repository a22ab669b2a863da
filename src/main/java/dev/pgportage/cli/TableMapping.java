package dev.pgportage.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.pgportage.config.MigrationConfig.Filters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A migration's filters as DMS's selection rules. */
final class TableMapping {
  private static final List<String> NEVER =
      List.of("*.awsdms_*", "pgportage.*", "information_schema.*", "pg_*.*");

  /** Signs that stand for other characters in DMS's rules, unless they are in brackets. */
  private static final String SIGNS = "%_[";

  private TableMapping() {}

  /** The rules as JSON; nothing if the filters leave no table out. */
  static Optional<String> of(Filters filters) {
    List<String> included = tables(filters.include());
    var excluded = new ArrayList<>(tables(filters.exclude()));
    if (included.isEmpty() && excluded.isEmpty()) {
      return Optional.empty();
    }
    excluded.addAll(NEVER);
    var mapping = new JsonMapper().createObjectNode();
    ArrayNode rules = mapping.putArray("rules");
    (included.isEmpty() ? List.of("*.*") : included).forEach(each -> add(rules, "include", each));
    excluded.forEach(each -> add(rules, "exclude", each));
    return Optional.of(mapping.toString());
  }

  /** Patterns of extensions and kinds are of the schema, which is not DMS's. */
  private static List<String> tables(List<String> patterns) {
    return patterns.stream().filter(pattern -> !pattern.matches("(extension|kind):.*")).toList();
  }

  private static void add(ArrayNode rules, String action, String pattern) {
    List<String> names = names(pattern);
    String id = String.valueOf(rules.size() + 1);
    var rule = rules.addObject();
    rule.put("rule-type", "selection").put("rule-id", id).put("rule-name", action + id);
    rule.putObject("object-locator")
        .put("schema-name", names.getFirst())
        .put("table-name", names.getLast());
    rule.put("rule-action", action);
  }

  /**
   * Schema and table, with DMS's sign for any characters where ours is not quoted; what is a sign
   * for DMS only stands for itself.
   */
  private static List<String> names(String pattern) {
    var names = new ArrayList<String>();
    var name = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '"' && quoted && i + 1 < pattern.length() && pattern.charAt(i + 1) == '"') {
        name.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '.' && !quoted) {
        names.add(name.toString());
        name.setLength(0);
      } else if (c == '*' && !quoted) {
        name.append('%');
      } else if (SIGNS.indexOf(c) >= 0) {
        name.append('[').append(c).append(']');
      } else {
        name.append(c);
      }
    }
    names.add(name.toString());
    return names;
  }
}
