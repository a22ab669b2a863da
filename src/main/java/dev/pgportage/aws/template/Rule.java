package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Conditions of a choice in a state machine. */
final class Rule {
  private Rule() {}

  static Map<String, Object> present(String path) {
    return Json.object("Variable", path, "IsPresent", true);
  }

  static Map<String, Object> absent(String path) {
    return not(present(path));
  }

  /** A comparison by its name in the States Language. */
  static Map<String, Object> compare(String path, String comparison, Object value) {
    return Json.object("Variable", path, comparison, value);
  }

  /** Whether the value is one of the words. */
  static Map<String, Object> isOneOf(String path, String... words) {
    List<Object> rules =
        Arrays.stream(words).<Object>map(word -> compare(path, "StringEquals", word)).toList();
    return rules.size() == 1 ? compare(path, "StringEquals", words[0]) : Json.object("Or", rules);
  }

  /** Whether the value is there and one of the words. */
  static Map<String, Object> presentAndOneOf(String path, String... words) {
    return all(present(path), isOneOf(path, words));
  }

  static Map<String, Object> atLeast(String path, int value) {
    return compare(path, "NumericGreaterThanEquals", value);
  }

  @SafeVarargs
  static Map<String, Object> all(Map<String, Object>... rules) {
    return Json.object("And", list(rules));
  }

  @SafeVarargs
  static Map<String, Object> any(Map<String, Object>... rules) {
    return Json.object("Or", list(rules));
  }

  static Map<String, Object> not(Map<String, Object> rule) {
    return Json.object("Not", rule);
  }

  @SafeVarargs
  private static List<Object> list(Map<String, Object>... rules) {
    var list = new ArrayList<Object>();
    for (Map<String, Object> rule : rules) {
      list.add(rule);
    }
    return list;
  }
}
