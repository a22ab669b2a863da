package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with what repeats in it written once: every repetition is a variable of {@code Fn::Sub},
 * so that CloudFormation makes the same text of it again (ADR 0021).
 *
 * @param text with {@code ${a}} in place of what repeats
 * @param variables what the variables stand for: texts, or texts with pseudo parameters in them
 */
record Abbreviation(String text, Map<String, Object> variables) {
  private static final Pattern TOKEN =
      Pattern.compile("\\$\\{[^}]*}|[A-Za-z0-9]+|.", Pattern.DOTALL);
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{[^}]*}");

  /** What is the same everywhere in a stack, and may be part of what repeats. */
  private static final String PSEUDO = "${AWS::";

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final int LONGEST = 48;
  private static final int LEAST = 4;
  private static final int MOST_VARIABLES = LETTERS.length() * 6;
  private static final int AT_ONCE = 3;

  /** What a variable costs beside its value: quotes, colon, comma. */
  private static final int COST = 6;

  /** What it costs besides if it is itself computed: {@code {"Fn::Sub":…}}. */
  private static final int COMPUTED = 11;

  static Abbreviation of(String text) {
    var values = new ArrayList<String>();
    String shortened = text;
    boolean found = true;
    while (found && values.size() < MOST_VARIABLES) {
      found = false;
      int taken = 0;
      for (String candidate : candidates(shortened)) {
        if (gain(candidate, occurrences(shortened, candidate), values.size() < 52 ? 1 : 2) > 0) {
          shortened = outside(shortened, part -> part.replace(candidate, place(values.size())));
          values.add(candidate);
          found = true;
          taken++;
        }
        if (taken == AT_ONCE || values.size() == MOST_VARIABLES) {
          break;
        }
      }
    }
    return named(shortened, values);
  }

  /** While the search goes on a variable is a number; no text of ours has one in braces. */
  private static String place(int index) {
    return "${" + index + "}";
  }

  /** The shortest names for what occurs most often. */
  private static Abbreviation named(String text, List<String> values) {
    var counts = new HashMap<String, Integer>();
    Matcher used = VARIABLE.matcher(text);
    while (used.find()) {
      counts.merge(used.group(), 1, Integer::sum);
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparingInt(i -> -counts.getOrDefault(place(i), 0)));
    var variables = new LinkedHashMap<String, Object>();
    var names = new HashMap<String, String>();
    for (int rank = 0; rank < order.size(); rank++) {
      String value = values.get(order.get(rank));
      names.put(place(order.get(rank)), "${" + name(rank) + "}");
      variables.put(name(rank), value.contains(PSEUDO) ? Intrinsic.sub(value) : value);
    }
    String renamed =
        VARIABLE
            .matcher(text)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(names.getOrDefault(match.group(), match.group())));
    return new Abbreviation(renamed, variables);
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
        String token = tokens.get(end);
        if (token.startsWith("${") && !token.startsWith(PSEUDO)) {
          break;
        }
        sequence.append(token);
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
    int computed = part.contains(PSEUDO) ? COMPUTED : 0;
    return times < 2 ? 0 : times * (length - name - 3) - length - name - COST - computed;
  }

  private static int occurrences(String text, String part) {
    String without = outside(text, piece -> piece.replace(part, ""));
    return (text.length() - without.length()) / part.length();
  }

  /** Changes what is outside of variables; pseudo parameters are like any text. */
  private static String outside(String text, UnaryOperator<String> change) {
    Matcher variables = VARIABLE.matcher(text);
    var result = new StringBuilder();
    int end = 0;
    while (variables.find()) {
      if (!variables.group().startsWith(PSEUDO)) {
        result.append(change.apply(text.substring(end, variables.start())));
        result.append(variables.group());
        end = variables.end();
      }
    }
    return result.append(change.apply(text.substring(end))).toString();
  }

  /** A letter, or a letter and a digit. */
  private static String name(int rank) {
    char letter = LETTERS.charAt(rank % LETTERS.length());
    int round = rank / LETTERS.length();
    return round == 0 ? String.valueOf(letter) : letter + Integer.toString(round - 1);
  }
}
