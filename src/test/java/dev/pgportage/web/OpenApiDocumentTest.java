package dev.pgportage.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pgportage.testing.GeneratedDocument;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class OpenApiDocumentTest {
  @Test
  void isTheFileThatIsServed() throws IOException {
    GeneratedDocument.check("openapi.yaml", new String(Assets.bytes("openapi.yaml"), UTF_8));
  }
}
