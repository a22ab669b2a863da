package dev.pgportage.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file below docs/ that is made from the code, so that it cannot say anything else. */
public final class GeneratedDocument {
  private static final String WRITE = "pgportage.write-docs";

  private GeneratedDocument() {}

  /**
   * Fails unless the file holds the text; with {@code -Dpgportage.write-docs} writes it instead.
   */
  public static void check(String file, String text) throws IOException {
    Path path = Path.of("docs", file);
    if (System.getProperty(WRITE) != null) {
      Files.writeString(path, text);
    }
    assertThat(path)
        .as("docs/%s; './dev test' with -D%s writes it", file, WRITE)
        .content()
        .isEqualTo(text);
  }
}
