package dev.pgportage.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.PasswordVault.StoredSecret;
import dev.pgportage.config.PasswordVault.TokenLogin;
import dev.pgportage.pg.Secret;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.RdsUtilities;

class AwsPasswordsTest {
  private final FakeAws aws = new FakeAws();
  private final AwsPasswords passwords = new AwsPasswords();

  @AfterEach
  void stop() {
    aws.close();
  }

  @Test
  void readsTextsAndValuesOfJson() {
    String text = aws.secrets.put("text", "pa#ss{word");
    String rds = aws.secrets.put("rds", "{\"username\":\"app\",\"password\":\"one\",\"pin\":42}");
    assertThat(stored(text).reveal()).isEqualTo("pa#ss{word");
    assertThat(stored(rds).reveal()).isEqualTo("one");
    assertThat(stored(rds + "#pin").reveal()).isEqualTo("42");
    assertThat(stored(rds + "#pin")).hasToString("********");
  }

  @Test
  void asksOnceAndAgainWhenTheServerRefuses() {
    String arn = aws.secrets.put("text", "old");
    Secret secret = stored(arn);
    assertThat(aws.actions()).isEmpty();
    assertThat(secret.reveal()).isEqualTo("old");
    assertThat(secret.renew()).isFalse();
    aws.secrets.put("text", "new");
    assertThat(secret.reveal()).isEqualTo("old");
    assertThat(secret.renew()).isTrue();
    assertThat(secret.reveal()).isEqualTo("new");
    assertThat(aws.count("secretsmanager:GetSecretValue")).isEqualTo(3);
  }

  @Test
  void waitsWhenThrottled() {
    String arn = aws.secrets.put("text", "x");
    aws.throttle("secretsmanager:GetSecretValue", 2);
    assertThat(stored(arn).reveal()).isEqualTo("x");
    assertThat(aws.count("secretsmanager:GetSecretValue")).isEqualTo(3);
  }

  @Test
  void namesWhatIsMissing() {
    String json = aws.secrets.put("json", "{\"secret\":\"s3cr3t\"}");
    fails(json, ErrorCode.SECRET_UNAVAILABLE, "no JSON object with a text password");
    fails(json + "#other", ErrorCode.SECRET_UNAVAILABLE, "a text other");
    fails(json.replace("json-", "none-"), ErrorCode.SECRET_UNAVAILABLE, "has no such secret");
    aws.fail(
        "secretsmanager:GetSecretValue",
        new FakeAws.Refusal(400, "DecryptionFailure", "cannot decrypt with the KMS key"),
        1);
    fails(json, ErrorCode.AWS_DENIED, "kms:Decrypt");
    aws.deny("secretsmanager:GetSecretValue");
    fails(json, ErrorCode.AWS_DENIED, "secretsmanager:GetSecretValue");
    aws.without("aws.accessKeyId");
    fails(json, ErrorCode.AWS_NOT_CONFIGURED, "no valid login");
  }

  @Test
  void makesTheTokenAmazonsOwnLibraryMakes() {
    var login =
        new TokenLogin("db.abc.eu-west-1.rds.amazonaws.com", 5433, "app+x", Optional.empty());
    var credentials = AwsBasicCredentials.create("AKIDEXAMPLE", "secret/key");
    RdsUtilities amazon =
        RdsUtilities.builder()
            .region(Region.EU_WEST_1)
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .build();
    Supplier<String> theirs =
        () ->
            amazon.generateAuthenticationToken(
                r -> r.hostname(login.host()).port(login.port()).username(login.user()));
    // Both are signed by the second, so a pair on either side of a full second is made again.
    String before = theirs.get();
    String ours = DatabaseToken.sign(login, "eu-west-1", credentials);
    while (!theirs.get().equals(before)) {
      before = theirs.get();
      ours = DatabaseToken.sign(login, "eu-west-1", credentials);
    }
    assertThat(List.of(ours.split("[?&]"))).containsExactlyInAnyOrder(before.split("[?&]"));
  }

  @Test
  void makesTokensFromTheSurroundings() {
    var login = new TokenLogin("h", 5432, "app", Optional.of("us-west-2"));
    assertThat(passwords.token(login).reveal())
        .startsWith("h:5432/?DBUser=app&Action=connect&")
        .contains("AKIDEXAMPLE%2F", "us-west-2%2Frds-db%2Faws4_request", "X-Amz-Expires=900");
    assertThat(passwords.token(login)).hasToString("********");
    assertThat(aws.actions()).isEmpty();
    aws.without("aws.secretAccessKey");
    assertThatThrownBy(() -> passwords.token(login).reveal())
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.AWS_NOT_CONFIGURED));
  }

  private Secret stored(String text) {
    return passwords.stored(StoredSecret.parse(text).orElseThrow());
  }

  private void fails(String text, ErrorCode code, String what) {
    assertThatThrownBy(() -> stored(text).reveal())
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.display()).contains(what).doesNotContain("s3cr3t", "secretAccessKey");
            });
  }
}
