package dev.pgportage.aws;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A small template with the parameters of the real one that the program answers by itself. */
final class TestTemplate {
  private record Asked(String name, boolean optional) implements StackTemplate.Question {
    @Override
    public Optional<String> problem(String answer) {
      return name.endsWith("Password") && answer.length() < 4
          ? Optional.of(name + " takes 4 to 128 characters, not " + answer.length())
          : Optional.empty();
    }
  }

  private TestTemplate() {}

  static StackTemplate of(String... resources) {
    return padded(0, resources);
  }

  /** A template of at least so many bytes. */
  static StackTemplate padded(int bytes, String... resources) {
    List<Asked> questions =
        List.of(
            new Asked("VpcId", false),
            new Asked("SubnetIds", false),
            new Asked("SourcePassword", false),
            new Asked("MigrationBucketName", false),
            new Asked("NotificationEmail", false),
            new Asked("SourceCertificateArn", true),
            new Asked("TargetCertificateArn", true),
            new Asked("DMSInstanceClass", true),
            new Asked("CreateDMSRoles", true));
    String parameters =
        questions.stream()
            .map(q -> "\"%s\":{%s}".formatted(q.name(), q.optional() ? "\"Default\":\"x\"" : ""))
            .collect(Collectors.joining(","));
    String made =
        Arrays.stream(resources)
            .map(type -> "\"" + type.replaceAll(".*:", "") + "\":{\"Type\":\"" + type + "\"}")
            .collect(Collectors.joining(","));
    String json =
        "{\"Description\":\"%s\",\"Parameters\":{%s},\"Resources\":{%s}}"
            .formatted("x".repeat(bytes), parameters, made);
    return new StackTemplate("dms", json, List.copyOf(questions));
  }
}
