package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

class AwsTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @EnumSource
  void isTheFileInTheRepository(Engine engine) throws IOException {
    String name = engine.name().toLowerCase(Locale.ROOT);
    Path file = Path.of("deploy/aws/pgportage-" + name + ".yaml");
    assertThat(Files.readString(file))
        .as("Made anew by: ./pgportage aws template --engine %s --output %s", name, file)
        .isEqualTo(AwsTemplate.of(engine).yaml());
  }

  @ParameterizedTest
  @EnumSource
  void saysTheSameInBothForms(Engine engine) throws JsonProcessingException {
    AwsTemplate template = AwsTemplate.of(engine);
    JsonNode json = JSON.readTree(template.json());
    JsonNode yaml = JSON.valueToTree(new Yaml(new LongForms()).<Object>load(template.yaml()));
    ((ObjectNode) yaml).remove("Metadata");
    for (String section : List.of("Parameters", "Outputs")) {
      yaml.get(section)
          .forEach(
              each -> ((ObjectNode) each).remove(List.of("Description", "ConstraintDescription")));
    }
    assertThat(Documents.expanded(json)).isEqualTo(Documents.expanded(yaml));
  }

  @ParameterizedTest
  @EnumSource
  void isSmallEnoughForTheApiWithRoomToGrow(Engine engine) {
    assertThat(AwsTemplate.of(engine).json().length()).isLessThan(AwsTemplate.LARGEST_BODY - 1000);
  }

  @Test
  void abbreviatesNothingInsideOfAVariable() {
    String text = "},{\"a\":${Limit},{\"a\":${Limit},{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4}";
    Abbreviation abbreviation = Abbreviation.of(text);
    assertThat(abbreviation.text().length()).isLessThan(text.length());
    String whole = abbreviation.text();
    for (var variable : abbreviation.variables().entrySet()) {
      whole = whole.replace("${" + variable.getKey() + "}", (String) variable.getValue());
    }
    assertThat(whole).isEqualTo(text);
  }

  @ParameterizedTest
  @EnumSource
  void namesEveryParameterInAGroupWithALabel(Engine engine) {
    assertThat(AwsTemplate.of(engine).parameters())
        .allSatisfy(
            parameter -> {
              assertThat(parameter.group()).isNotBlank();
              assertThat(parameter.label()).isNotBlank();
              assertThat(parameter.description()).isNotBlank();
              // A console shows the advice only for a pattern.
              assertThat(parameter.limits().advice().isPresent())
                  .isEqualTo(parameter.limits().pattern().isPresent());
              parameter
                  .limits()
                  .initial()
                  .ifPresent(initial -> assertThat(parameter.problem(initial)).isEmpty());
            });
  }

  @Test
  void takesAndRefusesAnswersAsTheSpecificationSays() {
    assertThat(problem("SourcePort".replace("Port", "EndpointPort"), "5432")).isEmpty();
    assertThat(problem("SourceEndpointPort", "80")).contains("1024 to 65535");
    assertThat(problem("SourceEndpointHost", "a.cluster-x.us-east-2.rds.amazonaws.com")).isEmpty();
    assertThat(problem("SourceEndpointHost", "postgresql://a")).contains("host name");
    assertThat(problem("SourceDatabaseName", "1st")).contains("a letter first");
    assertThat(problem("SourceDatabaseName", "a".repeat(64))).contains("not 64");
    // Real users of PlanetScale have their branch behind a dot.
    assertThat(problem("TargetUsername", "pscale_api_x1.k3jq0zv8")).isEmpty();
    assertThat(problem("TargetPassword", "abc")).contains("4 to 128").doesNotContain("abc");
    assertThat(problem("MigrationBucketName", "my-migration-bucket")).isEmpty();
    assertThat(problem("MigrationBucketName", "a..b")).isNotBlank();
    assertThat(problem("MigrationBucketName", "-ab")).isNotBlank();
    assertThat(problem("MigrationBucketName", "x".repeat(36))).isNotBlank();
    assertThat(problem("DMSInstanceClass", "dms.c5.xlarge")).contains("dms.c6i.4xlarge");
    assertThat(problem("NotificationEmail", "me@example.com")).isEmpty();
    assertThat(problem("NotificationEmail", "me")).isNotBlank();
  }

  @Test
  void hasTheOutputsOfTheSpecification() {
    assertThat(AwsTemplate.of(Engine.DMS).outputs())
        .contains(
            "StepFunctionsPayloadTemplate",
            "StepFunctionsConsoleURL",
            AwsTemplate.CUTOVER_PAYLOAD_OUTPUT,
            AwsTemplate.MIGRATION_OUTPUT);
  }

  private static String problem(String parameter, String answer) {
    return AwsTemplate.of(Engine.DMS).parameters().stream()
        .filter(each -> each.name().equals(parameter))
        .findFirst()
        .orElseThrow()
        .problem(answer)
        .orElse("");
  }

  /** Reads the short forms of CloudFormation's functions as the long ones. */
  private static final class LongForms extends SafeConstructor {
    LongForms() {
      super(new LoaderOptions());
      for (String function : List.of("Ref", "GetAtt", "Sub", "If", "Equals", "Not", "Condition")) {
        construct(function);
      }
      for (String function : List.of("Select", "Split", "Join", "And", "Or")) {
        construct(function);
      }
    }

    private void construct(String function) {
      boolean bare = function.equals("Ref") || function.equals("Condition");
      yamlConstructors.put(
          new org.yaml.snakeyaml.nodes.Tag("!" + function),
          new AbstractConstruct() {
            @Override
            public Object construct(Node node) {
              Object value =
                  node instanceof SequenceNode list
                      ? constructSequence(list)
                      : ((ScalarNode) node).getValue();
              if (function.equals("GetAtt")) {
                value = List.of(((String) value).split("\\.", 2));
              }
              return Json.object(bare ? function : "Fn::" + function, value);
            }
          });
    }
  }
}
