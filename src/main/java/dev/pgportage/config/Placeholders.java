package dev.pgportage.config;

import dev.pgportage.ErrorCode;
import dev.pgportage.config.Problem.Place;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts variables of the environment in the place of <code>${NAME}</code>. A variable's value stands
 * for itself: nothing in it is decoded or replaced again.
 */
final class Placeholders {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\$\\{(?<name>[A-Za-z_][A-Za-z0-9_]*)}");

  private final Environment environment;
  private final Place place;
  private final String key;
  private final Problems problems;

  Placeholders(Environment environment, Place place, String key, Problems problems) {
    this.environment = environment;
    this.place = place;
    this.key = key;
    this.problems = problems;
  }

  /** Whether a text is a placeholder and nothing else. */
  static boolean isWhole(String text) {
    return PLACEHOLDER.matcher(text).matches();
  }

  /** Whether a text holds a placeholder. */
  static boolean isIn(String text) {
    return PLACEHOLDER.matcher(text).find();
  }

  /** The text with its placeholders replaced. */
  String replace(String text) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(value(found.group("name"))));
  }

  /** The text percent-decoded, and its placeholders replaced by values taken as they are. */
  String decode(String text) {
    var result = new StringBuilder();
    Matcher matcher = PLACEHOLDER.matcher(text);
    int end = 0;
    while (matcher.find()) {
      result.append(percentDecoded(text.substring(end, matcher.start())));
      result.append(value(matcher.group("name")));
      end = matcher.end();
    }
    return result.append(percentDecoded(text.substring(end))).toString();
  }

  private String value(String name) {
    String value = environment.variables().get(name);
    if (value == null) {
      problems.error(
          ErrorCode.SECRET_UNAVAILABLE,
          place,
          key,
          "the environment has no variable " + name,
          "set it, or write the value itself");
      return "";
    }
    return value;
  }

  private String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    var bytes = new ByteArrayOutputStream();
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.write(raw[i]);
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0 || high + low == 0) {
        problems.error(
            place,
            key,
            "a % in the URL is not followed by two hexadecimal digits",
            "write %25 for a percent sign itself");
        return text;
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      problems.error(place, key, "what the URL's % signs encode is not UTF-8", "");
      return text;
    }
  }
}
