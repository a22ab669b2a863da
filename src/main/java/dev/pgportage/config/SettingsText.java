package dev.pgportage.config;

import dev.pgportage.pg.Endpoint;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A migration's settings as texts, for reports: every one of them, and no secret. */
public final class SettingsText {
  private SettingsText() {}

  /** The settings that are in force, by their paths. Secrets are stars. */
  public static Map<String, String> of(MigrationConfig config) {
    var texts = new LinkedHashMap<String, String>();
    add(texts, "", config);
    return texts;
  }

  private static void add(Map<String, String> texts, String path, Object value) {
    switch (value) {
      // It shows neither password nor key files.
      case Endpoint endpoint -> texts.put(path, endpoint + ", sslmode " + endpoint.tls().mode());
      case Enum<?> word -> texts.put(path, Kind.wordOf(word));
      case Record section -> addComponents(texts, path, section);
      case Optional<?> optional ->
          optional.ifPresentOrElse(present -> add(texts, path, present), () -> texts.put(path, ""));
      case Collection<?> items when items.stream().anyMatch(Record.class::isInstance) -> {
        int number = 1;
        for (Object item : items) {
          add(texts, path + "[" + number++ + "]", item);
        }
      }
      case Collection<?> items ->
          texts.put(
              path, items.stream().map(String::valueOf).sorted().collect(Collectors.joining(", ")));
      default -> texts.put(path, String.valueOf(value));
    }
  }

  private static void addComponents(Map<String, String> texts, String path, Record section) {
    for (RecordComponent component : section.getClass().getRecordComponents()) {
      String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
      try {
        var accessor = component.getAccessor();
        accessor.setAccessible(true);
        Object value = accessor.invoke(section);
        add(texts, path.isEmpty() ? name : path + "." + name, value == null ? "" : value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
