package dev.pgportage.aws;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Secrets Manager. */
public final class FakeSecrets implements FakeAws.Service {
  private final Map<String, String> values = new HashMap<>();

  /** Keeps a text; returns its ARN. */
  public String put(String name, String value) {
    String arn =
        "arn:aws:secretsmanager:"
            + FakeAws.REGION
            + ":"
            + FakeAws.ACCOUNT
            + ":secret:"
            + name
            + "-AbCdEf";
    values.put(arn, value);
    return arn;
  }

  @Override
  public Optional<FakeAws.Answer> answer(FakeAws.Call call) {
    if (!call.action().equals("secretsmanager:GetSecretValue")) {
      return Optional.empty();
    }
    String arn = call.get("SecretId");
    String value = values.get(arn);
    if (value == null) {
      throw new FakeAws.Refusal(
          400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }
    return Optional.of(FakeAws.Answer.json(Map.of("ARN", arn, "SecretString", value)));
  }
}
