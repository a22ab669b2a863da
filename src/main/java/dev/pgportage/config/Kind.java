package dev.pgportage.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a setting's text must look like, and the value it stands for.
 *
 * @param allowed what may be written, for people
 * @param parser reads a text; empty if it is not allowed
 * @param list whether it takes a list of texts, each read by itself
 * @param <T> the value of one text
 */
record Kind<T>(String allowed, Function<String, Optional<T>> parser, boolean list) {
  private static final Pattern SIZE =
      Pattern.compile("(?<number>[0-9]{1,12}(\\.[0-9]{1,3})?) ?(?<unit>[kMGT]?B)");
  private static final Pattern TIME =
      Pattern.compile("(?<number>[0-9]{1,9}) ?(?<unit>ms|s|min|h|d)");
  private static final List<String> SIZE_UNITS = List.of("B", "kB", "MB", "GB", "TB");
  private static final int KILO = 1024;

  /** A whole number within a range. */
  static Kind<Long> whole(long min, long max) {
    return new Kind<>(
        "a whole number from " + min + " to " + max,
        text ->
            text.matches("[0-9]{1,18}")
                ? Optional.of(Long.parseLong(text)).filter(n -> n >= min && n <= max)
                : Optional.empty(),
        false);
  }

  /** A number of bytes, written with PostgreSQL's units (powers of 1024). */
  static Kind<Long> size(String min, String max) {
    long least = bytes(min).orElseThrow();
    long most = bytes(max).orElseThrow();
    return new Kind<>(
        "a size from " + min + " to " + max + "; units: B, kB, MB, GB, TB",
        text -> bytes(text).filter(bytes -> bytes >= least && bytes <= most),
        false);
  }

  /** A length of time. */
  static Kind<Duration> time(String min, String max) {
    Duration least = duration(min).orElseThrow();
    Duration most = duration(max).orElseThrow();
    return new Kind<>(
        "a time from " + min + " to " + max + "; units: ms, s, min, h, d",
        text -> duration(text).filter(t -> t.compareTo(least) >= 0 && t.compareTo(most) <= 0),
        false);
  }

  /** One of an enum's constants, written as {@link Object#toString} in lower case. */
  static <E extends Enum<E>> Kind<E> word(Class<E> type) {
    List<E> constants = Arrays.asList(type.getEnumConstants());
    List<String> words = constants.stream().map(Kind::wordOf).toList();
    return new Kind<>(
        "one of: " + String.join(", ", words),
        text -> constants.stream().filter(c -> wordOf(c).equals(text)).findFirst(),
        false);
  }

  static String wordOf(Enum<?> constant) {
    return constant.toString().toLowerCase(Locale.ROOT);
  }

  /** A text that matches a pattern as a whole. */
  static Kind<String> text(String allowed, String pattern) {
    return new Kind<>(allowed, text -> Optional.of(text).filter(t -> t.matches(pattern)), false);
  }

  /** A list of texts each of which matches a pattern. */
  static Kind<String> texts(String allowed, String pattern) {
    return new Kind<>(allowed, text -> Optional.of(text).filter(t -> t.matches(pattern)), true);
  }

  private static Optional<Long> bytes(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigDecimal bytes =
        new BigDecimal(matcher.group("number"))
            .multiply(BigDecimal.valueOf(KILO).pow(SIZE_UNITS.indexOf(matcher.group("unit"))));
    boolean fits = bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
    return fits ? Optional.of(bytes.longValue()) : Optional.empty();
  }

  /** A length of time as the file writes it; empty if it is none. */
  static Optional<Duration> duration(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group("number"));
    return Optional.of(
        switch (matcher.group("unit")) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "min" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }
}
