package dev.pgportage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationTemplateTest {
  private static final String SOURCE = "postgresql://u@127.0.0.1/shop";
  private static final String TARGET = "postgresql://u@127.0.0.1/new";

  @TempDir Path directory;

  @Test
  void isReadBackWithAllDefaults() throws IOException {
    MigrationFile plain =
        MigrationFile.of(
            List.of(
                new MigrationFile.Option("--source", "source", SOURCE),
                new MigrationFile.Option("--target", "target", TARGET)),
            environment());
    String text = template(SOURCE, TARGET).text();
    assertThat(read(text)).isEqualTo(plain);
    // The same with every default taken out of its comment, but for those that are no values.
    String active =
        Pattern.compile("(?m)^( *)# ([a-z_]+: .*)$")
            .matcher(text)
            .replaceAll(found -> isSetting(found.group(2)) ? "$1$2" : "");
    assertThat(read(active).config()).isEqualTo(plain.config());
    assertThat(active).contains("\n  drain_timeout: 1min\n").contains("\n  include: []\n");
  }

  @Test
  void holdsEveryKeyWithItsMeaning() {
    String text = template(SOURCE, TARGET).text();
    String joined = text.replaceAll("\n *# ", " ");
    for (Setting<?> setting : Settings.ALL) {
      assertThat(text).containsPattern("(?m)^ *(# )?" + setting.name() + ": ");
      assertThat(joined).contains(setting.meaning());
    }
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void neverHoldsThePasswordOfAUrl() {
    MigrationTemplate template =
        template("postgresql://u:hush@127.0.0.1/shop", "host=h user=u dbname=d password='hu sh'");
    assertThat(template.text()).doesNotContain("hush").doesNotContain("hu sh");
    assertThat(template.passwordLeftOut()).isTrue();
    assertThat(template(SOURCE, TARGET).passwordLeftOut()).isFalse();
  }

  @Test
  void keepsVariablesThatAreNotSetYet() {
    MigrationTemplate template = template("postgresql://u:${PW}@127.0.0.1/shop", "${TARGET_URL}");
    assertThat(template.text())
        .contains("source: \"postgresql://u:${PW}@127.0.0.1/shop\"")
        .contains("target: \"${TARGET_URL}\"");
    assertThat(template.passwordLeftOut()).isFalse();
  }

  @Test
  void tellsProblemsOfUrlsAndName() {
    assertThatThrownBy(
            () ->
                MigrationTemplate.of(
                    "postgresql://h/d", "nowhere", Optional.of("No"), environment()))
        .hasMessageContaining("--source: source: the user is missing")
        .hasMessageContaining("--target: target: this is no connection URL")
        .hasMessageContaining("--name: name: is not allowed");
  }

  private static boolean isSetting(String line) {
    // Two sections may have a key of one name, of which one has no default.
    boolean absent =
        Settings.ALL.stream()
            .filter(setting -> setting.defaultText().isEmpty())
            .anyMatch(setting -> line.equals(setting.name() + ": " + setting.whenAbsent()));
    return !absent
        && Settings.ALL.stream()
            .filter(setting -> setting.defaultText().isPresent())
            .anyMatch(setting -> line.startsWith(setting.name() + ": "));
  }

  private MigrationTemplate template(String source, String target) {
    return MigrationTemplate.of(source, target, Optional.empty(), environment());
  }

  private MigrationFile read(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("migration.yaml"), text);
    return MigrationFile.read(file, List.of(), environment());
  }

  private Environment environment() {
    return new Environment(Map.of(), directory);
  }
}
