package dev.pgportage.config;

import dev.pgportage.testing.GeneratedDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FleetDocumentTest {
  @Test
  void listsEveryKey() throws IOException {
    try (InputStream frame = getClass().getResourceAsStream("fleet.md")) {
      String text =
          new String(Objects.requireNonNull(frame).readAllBytes(), StandardCharsets.UTF_8);
      String keys = ConfigurationDocumentTest.tables(FleetSettings.LIST);
      GeneratedDocument.check("fleet.md", text.replace("@KEYS@\n", keys));
    }
  }
}
