package dev.pgportage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EventsDocumentTest {
  private static final Pattern KIND =
      Pattern.compile("Event\\s*\\.(?:info|warning)\\(\\s*\"([a-z-]+(?:\\.[a-z-]+)?)\"");

  @Test
  void describesEveryKindOfEventTheSourcesName() throws IOException {
    String document = Files.readString(Path.of("docs", "events.md"));
    assertThat(kinds()).isNotEmpty().allSatisfy(kind -> assertThat(document).contains("`" + kind));
  }

  private static Set<String> kinds() throws IOException {
    var kinds = new TreeSet<String>();
    try (var files = Files.walk(Path.of("src", "main", "java"))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(
              file ->
                  KIND.matcher(read(file)).results().forEach(found -> kinds.add(found.group(1))));
    }
    return kinds;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
