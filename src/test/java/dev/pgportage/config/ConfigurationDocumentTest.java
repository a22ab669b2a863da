package dev.pgportage.config;

import dev.pgportage.testing.GeneratedDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigurationDocumentTest {
  @Test
  void listsEveryKey() throws IOException {
    String keys = tables(Settings.LIST);
    try (InputStream frame = getClass().getResourceAsStream("configuration.md")) {
      String text =
          new String(Objects.requireNonNull(frame).readAllBytes(), StandardCharsets.UTF_8);
      GeneratedDocument.check(
          "configuration.md", text.replace("@KEYS@\n", keys).replace("@CHANNELS@\n", channels()));
    }
  }

  /** A table of keys for each section. */
  static String tables(SettingList list) {
    var keys = new StringBuilder();
    String section = "none";
    for (Setting<?> setting : list.all()) {
      if (!setting.section().equals(section)) {
        section = setting.section();
        keys.append(
            section.isEmpty()
                ? "### The migration\n"
                : "\n### `%s`\n%s\n".formatted(section, list.sections().get(section)));
        keys.append("\n| key | default | allowed | means |\n|---|---|---|---|\n");
      }
      keys.append(
          "| `%s`%s | %s | %s | %s |\n"
              .formatted(
                  setting.key(),
                  setting.fixed() ? " ◆" : "",
                  setting.defaultText().map(text -> "`" + text + "`").orElse(setting.whenAbsent()),
                  setting.kind().allowed(),
                  setting.meaning()));
    }
    return keys.toString();
  }

  private static String channels() {
    var keys =
        new StringBuilder("| key | type | default | allowed | means |\n|---|---|---|---|---|\n");
    for (Setting<?> setting : ChannelKeys.common()) {
      keys.append(row(setting, "all"));
    }
    var done = new LinkedHashSet<Setting<?>>(ChannelKeys.common());
    for (ChannelKeys.Type type : ChannelKeys.Type.values()) {
      for (Setting<?> setting : ChannelKeys.of(type)) {
        if (done.add(setting)) {
          String types =
              Stream.of(ChannelKeys.Type.values())
                  .filter(other -> ChannelKeys.of(other).contains(setting))
                  .map(ChannelKeys.Type::toString)
                  .collect(Collectors.joining(", "));
          keys.append(row(setting, types));
        }
      }
    }
    return keys.toString();
  }

  private static String row(Setting<?> setting, String types) {
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            setting.key(),
            types,
            setting.defaultText().map(text -> "`" + text + "`").orElse(setting.whenAbsent()),
            setting.kind().allowed(),
            setting.meaning());
  }
}
