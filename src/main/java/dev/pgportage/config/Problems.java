package dev.pgportage.config;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Problem.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Collects what is wrong, so that a user is told everything at once. Not thread-safe. */
final class Problems {
  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparing((Problem problem) -> problem.place().origin())
          .thenComparingInt(problem -> problem.place().line())
          .thenComparingInt(problem -> problem.place().column());

  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  void error(Place place, String key, String what, String allowed) {
    error(ErrorCode.CONFIG_INVALID, place, key, what, allowed);
  }

  void error(ErrorCode code, Place place, String key, String what, String allowed) {
    errors.add(new Problem(place, key, what, allowed, code));
  }

  void add(Problem error) {
    errors.add(error);
  }

  /** Whether nothing of that kind was told of that place yet. */
  boolean isNew(Problem problem) {
    return !errors.contains(problem);
  }

  void warning(Place place, String key, String what, String advice) {
    warnings.add(new Problem(place, key, what, advice, ErrorCode.CONFIG_INVALID));
  }

  boolean isEmpty() {
    return errors.isEmpty();
  }

  /** What is wrong, in the order of the places. */
  List<Problem> errors() {
    return errors.stream().sorted(BY_PLACE).toList();
  }

  /** What is doubtful, in the order of the places. */
  List<Problem> warnings() {
    return warnings.stream().sorted(BY_PLACE).toList();
  }

  /** All that is wrong as one failure. */
  MigrationException failure() {
    List<ErrorCode> codes = errors.stream().map(Problem::code).distinct().toList();
    ErrorCode code = codes.size() == 1 ? codes.getFirst() : ErrorCode.CONFIG_INVALID;
    String count = errors.size() == 1 ? "1 problem" : errors.size() + " problems";
    return new MigrationException(
        code,
        errors().stream()
            .map(problem -> "\n  " + problem)
            .collect(Collectors.joining("", count + " in the settings", "")));
  }
}
