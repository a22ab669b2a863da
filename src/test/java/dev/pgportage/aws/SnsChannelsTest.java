package dev.pgportage.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.notify.TestMessages;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnsChannelsTest {
  private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:migrations";

  @TempDir Path directory;
  private final FakeAws aws = new FakeAws();

  @AfterEach
  void stop() {
    aws.close();
  }

  @Test
  void publishesToTheTopic() throws IOException {
    assertThat(send(TOPIC)).allMatch(result -> result.failure().isEmpty()).hasSize(1);
    String body = URLDecoder.decode(aws.bodies().getFirst(), StandardCharsets.UTF_8);
    assertThat(body)
        .contains("Action=Publish", "TopicArn=" + TOPIC, "Subject=shop: test message")
        .contains("This is a test message");
  }

  @Test
  void cutsSubjectsToWhatSnsTakes() {
    assertThat(SnsChannel.subject("ready – “shop” …" + "x".repeat(200)))
        .hasSize(99)
        .startsWith("ready ? ?shop? ?xxx");
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    aws.deny("sns:Publish");
    assertThat(send(TOPIC))
        .singleElement()
        .extracting(result -> result.failure().orElseThrow())
        .asString()
        .contains("sns:Publish");
    assertThatThrownBy(() -> send("migrations"))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  private List<TestMessages.Result> send(String topic) throws IOException {
    Path file = directory.resolve("migration.yaml");
    Files.writeString(
        file,
        """
        source: postgresql://a@localhost/shop
        target: postgresql://b@localhost/new
        notifications:
          - type: sns
            topic: "%s"
        """
            .formatted(topic));
    MigrationConfig config =
        MigrationFile.read(file, List.of(), new Environment(Map.of(), directory)).config();
    return TestMessages.send(config, Optional.empty());
  }
}
