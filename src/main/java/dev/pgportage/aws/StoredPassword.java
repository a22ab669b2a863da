package dev.pgportage.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.PasswordVault.StoredSecret;
import dev.pgportage.pg.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** One secret of Secrets Manager, as it was last read. Thread-safe. */
final class StoredPassword implements Secret.Source {
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final StoredSecret name;
  private @Nullable String value;
  private Instant readAt = Instant.EPOCH;

  StoredPassword(StoredSecret name) {
    this.name = name;
  }

  @Override
  public synchronized String reveal() {
    String kept = value;
    if (kept == null || Instant.now().isAfter(readAt.plus(KEPT))) {
      kept = password(name, read(name));
      value = kept;
      readAt = Instant.now();
    }
    return kept;
  }

  @Override
  public synchronized boolean renew() {
    String refused = value;
    value = null;
    return !reveal().equals(refused);
  }

  /** Two are the same if they are of one secret. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoredPassword password && password.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  private static String read(StoredSecret name) {
    String what = "Reading the secret " + name.arn();
    var login = AwsLogin.ofSurroundings().in(name.region());
    try (var clients = new AwsClients(login)) {
      GetSecretValueResponse found = clients.secrets().getSecretValue(r -> r.secretId(name.arn()));
      if (found.secretString() == null) {
        throw unusable(name, "it is binary, not a text");
      }
      return found.secretString();
    } catch (ResourceNotFoundException e) {
      throw unusable(name, "Secrets Manager has no such secret, or it is being deleted");
    } catch (SdkException e) {
      boolean key =
          e instanceof AwsServiceException service
              && (AwsFailures.code(service).equals("DecryptionFailure")
                  || AwsFailures.message(service).contains("kms"));
      if (AwsFailures.isDenied(e) || key) {
        throw new MigrationException(
            ErrorCode.AWS_DENIED,
            what + ": not allowed: " + (key ? "kms:Decrypt" : "secretsmanager:GetSecretValue"),
            key
                ? "Allow kms:Decrypt on the key that encrypts the secret."
                : "Allow secretsmanager:GetSecretValue on it; docs/aws.md has the statement.",
            e);
      }
      throw AwsFailures.failure(what, e);
    }
  }

  private static String password(StoredSecret name, String text) {
    JsonNode json = json(text);
    if (name.key().isEmpty() && !json.isObject()) {
      return text;
    }
    String key = name.key().orElse("password");
    return Optional.ofNullable(json.get(key))
        .filter(JsonNode::isValueNode)
        .map(JsonNode::asText)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> unusable(name, "it is no JSON object with a text " + key));
  }

  private static JsonNode json(String text) {
    try {
      return new JsonMapper().readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static MigrationException unusable(StoredSecret name, String why) {
    return new MigrationException(
        ErrorCode.SECRET_UNAVAILABLE,
        "The secret " + name.arn() + " cannot be used: " + why,
        "Name a secret that holds the password as text, or as a value of a JSON object by #KEY.",
        null);
  }
}
