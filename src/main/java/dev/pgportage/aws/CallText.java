package dev.pgportage.aws;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;

/** A request as one line, without secrets and without long texts. Not thread-safe. */
final class CallText {
  private static final int LONG = 300;

  private final List<String> hidden = new ArrayList<>();

  /** From now on this text is replaced by stars. */
  void hide(String secret) {
    if (!secret.isEmpty()) {
      hidden.add(secret);
    }
  }

  String of(SdkPojo request) {
    String fields =
        request.sdkFields().stream()
            .filter(field -> isGiven(field.getValueOrDefault(request)))
            .map(field -> field.memberName() + "=" + value(request, field))
            .collect(Collectors.joining(", "));
    return fields.isEmpty() ? "" : "{" + fields + "}";
  }

  private String value(SdkPojo request, SdkField<?> field) {
    return text(field.getValueOrDefault(request));
  }

  private static boolean isGiven(@Nullable Object value) {
    return value != null
        && !(value instanceof SdkAutoConstructList)
        && !(value instanceof SdkAutoConstructMap);
  }

  private String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case SdkPojo pojo -> of(pojo);
      case SdkBytes bytes -> "(" + bytes.asByteArrayUnsafe().length + " bytes)";
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case Collection<?> items ->
          items.stream().map(this::text).collect(Collectors.joining(", ", "[", "]"));
      default -> shown(String.valueOf(value));
    };
  }

  private String shown(String text) {
    String shown = text;
    for (String secret : hidden) {
      shown = shown.replace(secret, "********");
    }
    return shown.length() > LONG ? "(" + text.length() + " characters)" : shown;
  }
}
