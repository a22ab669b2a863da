package dev.pgportage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.MigrationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelsReaderTest {
  private static final Map<String, String> VARIABLES =
      Map.of("PW", "s3cret", "CHAT", "https://chat.example/T/s3cret", "EMPTY", "");

  @TempDir private Path directory;

  @Test
  void readsEveryTypeWithItsDefaults() {
    Notifications told =
        read(
            """
            - {type: smtp, host: mail.example, from: a@b.example, to: [c@d.example], user: u, password: "${PW}"}
            - {type: slack, url: "${CHAT}", kinds: [trouble, failed]}
            - {type: webhook, name: ops, url: "https://x.example/y", secret: "${PW}"}
            - {type: sns, topic: "arn:aws:sns:eu-central-1:123456789012:pgportage"}
            """);
    assertThat(told.channels())
        .extracting(ChannelSettings::name)
        .containsExactly("smtp", "slack", "ops", "sns");
    assertThat(told.channels().getFirst())
        .isInstanceOfSatisfying(
            ChannelSettings.Smtp.class,
            smtp -> {
              assertThat(smtp.server().port()).isEqualTo(587);
              assertThat(smtp.server().protection()).isEqualTo(ChannelSettings.Protection.STARTTLS);
              assertThat(smtp.server().trust().verify()).isTrue();
              assertThat(smtp.common().kinds()).containsExactlyInAnyOrder(NoticeKind.values());
            });
    assertThat(told.channels().get(1).common().kinds())
        .isEqualTo(
            Set.of(
                NoticeKind.FAILED,
                NoticeKind.LAG,
                NoticeKind.STALL,
                NoticeKind.WAL,
                NoticeKind.DIFFERENCE,
                NoticeKind.DDL));
    assertThat(told.toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{type: smtp, from: a@b.c, to: [c@d.e]}|host: is missing",
        "{type: smtp, host: h, from: a@b.c, to: []}|to: is missing",
        "{type: smtp, host: h, from: a@b.c, to: ['x@y.z\\r\\nBcc: q@r.s']}|to: ",
        "{type: smtp, host: h, from: a@b.c, to: [c@d.e], user: u, password: s3cret}|in clear",
        "{type: smtp, host: h, from: a@b.c, to: [c@d.e], user: u}|go together",
        "{type: smtp, host: h, from: a@b.c, to: [c@d.e], tls: none, user: u, password: '${PW}'}|sent in clear",
        "{type: smtp, host: h, from: a@b.c, to: [c@d.e], url: x}|url: this key is not known",
        "{type: slack, url: 'https://chat.example/T/s3cret'}|in clear",
        "{type: slack, url: '${NONE}'}|no variable NONE",
        "{type: webhook, url: 'http://x.example/y'}|in clear",
        "{type: webhook, url: 'https://u:s3cret@x.example/y'}|no URL to post to",
        "{type: webhook, url: 'ftp://x.example'}|no URL to post to",
        "{type: webhook, url: 'https://x.example', secret: '${EMPTY}'}|secret: is missing or empty",
        "{type: webhook, url: 'https://x.example', kinds: [redy]}|'redy' is not allowed",
        "{type: pigeon}|one of: smtp, slack, webhook, sns",
        "{name: x}|an item has no type",
        "just a text|an item has no keys",
        "{type: sns, topic: pgportage}|topic"
      })
  void saysWhatIsWrongWithoutAnySecret(String item, String problem) {
    assertThatThrownBy(() -> read("- " + item))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void refusesTwoChannelsOfOneName() {
    String item = "- {type: webhook, url: 'https://x.example'}\n";
    assertThatThrownBy(() -> read(item + item)).hasMessageContaining("two channels are named");
  }

  private Notifications read(String items) {
    try {
      Path file = directory.resolve("m.yaml");
      Files.writeString(
          file,
          "source: postgresql://u@127.0.0.1/shop\ntarget: postgresql://u@127.0.0.1/new\n"
              + "notifications:\n"
              + items.indent(2));
      return MigrationFile.read(file, java.util.List.of(), new Environment(VARIABLES, directory))
          .config()
          .notifications();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
