package dev.pgportage;

import dev.pgportage.testing.GeneratedDocument;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ErrorsDocumentTest {
  @Test
  void listsEveryCodeWithItsRemedy() throws IOException {
    var text =
        new StringBuilder(
            """
            # Errors

            Every failure is one screen: `CODE: what happened, to which object`, what to do, and a link to
            its place on this page. It never holds a row's value or a secret. The process ends with the
            code's exit status:

            | exit status | means |
            |---|---|
            | 0 | done |
            | 1 | failed: something must be changed, or has passed by itself |
            | 2 | usage: the command line or the settings are wrong; nothing was done |
            | 3 | findings or differences: read them; nothing was switched |
            | 4 | interrupted: the same command continues |

            *Tried again* says whether pgportage tries by itself before it gives up.

            | code | exit status | tried again |
            |---|---|---|
            """);
    for (ErrorCode code : ErrorCode.values()) {
      text.append(
          "| [%1$s](#%2$s) | %3$d | %4$s |\n"
              .formatted(
                  code,
                  code.anchor(),
                  code.exitStatus(),
                  code.retry() == ErrorCode.Retry.YES ? "yes" : "no"));
    }
    for (ErrorCode code : ErrorCode.values()) {
      text.append("\n## %s\n%s\n".formatted(code, code.remedy()));
    }
    GeneratedDocument.check("errors.md", text.toString());
  }
}
