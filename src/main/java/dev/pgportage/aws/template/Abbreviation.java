package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with what repeats in it written once: every repetition is a variable of {@code Fn::Sub},
 * so that CloudFormation makes the same text of it again.
 *
 * @param text with {@code ${a}} in place of what repeats
 * @param variables what the variables stand for
 */
record Abbreviation(String text, Map<String, Object> variables) {
  private static final Pattern TOKEN =
      Pattern.compile("\\$\\{[^}]*}|[A-Za-z0-9]+|.", Pattern.DOTALL);
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{[^}]*}");
  private static final int LONGEST = 32;
  private static final int LEAST = 6;
  private static final int MOST_VARIABLES = 26 * 11;
  private static final int AT_ONCE = 3;

  /** What a variable costs beside its value: quotes, colon, comma. */
  private static final int COST = 6;

  static Abbreviation of(String text) {
    var variables = new LinkedHashMap<String, Object>();
    String shortened = text;
    boolean found = true;
    while (found && variables.size() < MOST_VARIABLES) {
      found = false;
      int taken = 0;
      for (String candidate : candidates(shortened)) {
        String name = name(variables.size());
        if (gain(candidate, occurrences(shortened, candidate), name.length()) > 0) {
          shortened = outsideVariables(shortened, candidate, "${" + name + "}");
          variables.put(name, candidate);
          found = true;
          taken++;
        }
        if (taken == AT_ONCE || variables.size() == MOST_VARIABLES) {
          break;
        }
      }
    }
    return new Abbreviation(shortened, variables);
  }

  /** Sequences of tokens that repeat, the one that saves most first. */
  private static List<String> candidates(String text) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
    Map<String, Integer> counts = new HashMap<>();
    for (int start = 0; start < tokens.size(); start++) {
      var sequence = new StringBuilder();
      for (int end = start; end < Math.min(tokens.size(), start + LONGEST); end++) {
        if (tokens.get(end).startsWith("${")) {
          break;
        }
        sequence.append(tokens.get(end));
        if (sequence.length() >= LEAST) {
          counts.merge(sequence.toString(), 1, Integer::sum);
        }
      }
    }
    return counts.entrySet().stream()
        .filter(entry -> gain(entry.getKey(), entry.getValue(), 2) > 0)
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<String, Integer> entry) ->
                        -gain(entry.getKey(), entry.getValue(), 2))
                .thenComparing(Map.Entry::getKey))
        .limit(400)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Bytes saved in JSON, where a quote takes two. */
  private static int gain(String part, int times, int name) {
    int length = part.length() + (int) part.chars().filter(c -> c == '"' || c == '\\').count();
    return times < 2 ? 0 : times * (length - name - 3) - length - name - COST;
  }

  private static int occurrences(String text, String part) {
    String without = outsideVariables(text, part, "");
    return (text.length() - without.length()) / part.length();
  }

  /** Replaces a part where it does not reach into a variable's name or braces. */
  private static String outsideVariables(String text, String part, String replacement) {
    Matcher variables = VARIABLE.matcher(text);
    var result = new StringBuilder();
    int end = 0;
    while (variables.find()) {
      result.append(text.substring(end, variables.start()).replace(part, replacement));
      result.append(variables.group());
      end = variables.end();
    }
    return result.append(text.substring(end).replace(part, replacement)).toString();
  }

  /** One letter, then a letter and a digit. */
  private static String name(int index) {
    char letter = (char) ('a' + index % 26);
    return index < 26 ? String.valueOf(letter) : letter + Integer.toString(index / 26 - 1);
  }
}
