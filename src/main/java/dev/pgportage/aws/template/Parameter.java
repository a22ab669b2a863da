package dev.pgportage.aws.template;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A question a template asks, with the answers it takes.
 *
 * @param name as in the template, such as {@code SourceEndpointHost}
 * @param group the heading it stands under in the console
 * @param label what the console calls it
 * @param description what it means
 * @param type CloudFormation's type
 * @param limits which answers it takes
 */
public record Parameter(
    String name, String group, String label, String description, String type, Limits limits) {

  /**
   * Which answers a parameter takes.
   *
   * @param initial the answer if none is given; without one it must be given
   * @param secret whether it is never shown
   * @param pattern what the whole answer must match
   * @param values all possible answers; empty if there are others
   * @param least the least length, of a number the least value
   * @param most the greatest length, of a number the greatest value
   * @param advice what the console says to a wrong answer
   */
  public record Limits(
      Optional<String> initial,
      boolean secret,
      Optional<String> pattern,
      List<String> values,
      Optional<Long> least,
      Optional<Long> most,
      Optional<String> advice) {}

  /** Begins a text parameter. */
  static Parameter text(String name, String label, String description) {
    return typed(name, "String", label, description);
  }

  static Parameter number(String name, String label, String description) {
    return typed(name, "Number", label, description);
  }

  static Parameter typed(String name, String type, String label, String description) {
    return new Parameter(
        name,
        "",
        label,
        description,
        type,
        new Limits(
            Optional.empty(),
            false,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  Parameter in(String heading) {
    return new Parameter(name, heading, label, description, type, limits);
  }

  Parameter initially(String value) {
    return with(
        new Limits(
            Optional.of(value),
            limits.secret,
            limits.pattern,
            limits.values,
            limits.least,
            limits.most,
            limits.advice));
  }

  Parameter secret() {
    return with(
        new Limits(
            limits.initial,
            true,
            limits.pattern,
            limits.values,
            limits.least,
            limits.most,
            limits.advice));
  }

  /** The same with a pattern, and what to say to an answer that does not match it. */
  Parameter matching(String pattern, String advice) {
    return with(
        new Limits(
            limits.initial,
            limits.secret,
            Optional.of(pattern),
            limits.values,
            limits.least,
            limits.most,
            Optional.of(advice)));
  }

  Parameter oneOf(String... values) {
    return with(
        new Limits(
            limits.initial,
            limits.secret,
            limits.pattern,
            List.of(values),
            limits.least,
            limits.most,
            limits.advice));
  }

  Parameter between(long least, long most) {
    return with(
        new Limits(
            limits.initial,
            limits.secret,
            limits.pattern,
            limits.values,
            Optional.of(least),
            Optional.of(most),
            limits.advice));
  }

  /** Whether the template is complete without an answer. */
  public boolean optional() {
    return limits.initial.isPresent();
  }

  /**
   * What is wrong with an answer, as CloudFormation would find it, without the answer itself.
   *
   * @return nothing if the parameter takes it
   */
  public Optional<String> problem(String answer) {
    if (!limits.values.isEmpty() && !limits.values.contains(answer)) {
      return Optional.of(name + " takes one of: " + String.join(", ", limits.values));
    }
    if (type.equals("Number")) {
      return numberProblem(answer);
    }
    long length = answer.length();
    if (limits.least.filter(least -> length < least).isPresent()
        || limits.most.filter(most -> length > most).isPresent()) {
      return Optional.of(
          "%s takes %d to %d characters, not %d"
              .formatted(name, limits.least.orElse(0L), limits.most.orElse(4096L), length));
    }
    if (limits.pattern.filter(wanted -> !matches(wanted, answer)).isPresent()) {
      return Optional.of(name + ": " + limits.advice.orElse("not as its pattern says"));
    }
    return Optional.empty();
  }

  /** Of a list every value must match. */
  private boolean matches(String wanted, String answer) {
    return type.equals("CommaDelimitedList")
        ? Arrays.stream(answer.split(",", -1)).allMatch(each -> Pattern.matches(wanted, each))
        : Pattern.matches(wanted, answer);
  }

  private Optional<String> numberProblem(String answer) {
    boolean fits = false;
    if (answer.matches("\\d{1,9}")) {
      long value = Long.parseLong(answer);
      fits = value >= limits.least.orElse(0L) && value <= limits.most.orElse(Long.MAX_VALUE);
    }
    return fits
        ? Optional.empty()
        : Optional.of(
            "%s takes a number from %d to %d"
                .formatted(
                    name, limits.least.orElse(0L), limits.most.orElse((long) Integer.MAX_VALUE)));
  }

  Map<String, Object> body() {
    var body = new LinkedHashMap<String, Object>();
    body.put("Type", type);
    body.put("Description", description);
    put(body, "Default", limits.initial.map(this::scalar).orElse(null));
    put(body, "NoEcho", limits.secret ? true : null);
    put(body, "AllowedValues", limits.values.isEmpty() ? null : limits.values);
    boolean number = type.equals("Number");
    put(body, number ? "MinValue" : "MinLength", limits.least.orElse(null));
    put(body, number ? "MaxValue" : "MaxLength", limits.most.orElse(null));
    put(body, "AllowedPattern", limits.pattern.orElse(null));
    put(body, "ConstraintDescription", limits.advice.orElse(null));
    return body;
  }

  private Object scalar(String value) {
    return type.equals("Number") ? (Object) Long.valueOf(value) : value;
  }

  private static void put(Map<String, Object> body, String key, @Nullable Object value) {
    if (value != null) {
      body.put(key, value);
    }
  }

  private Parameter with(Limits others) {
    return new Parameter(name, group, label, description, type, others);
  }
}
