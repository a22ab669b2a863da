package dev.pgportage.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A template as CloudFormation carries it out: with the answers given, every condition decided,
 * every function computed, and identities as AWS makes them up.
 */
public final class ResolvedTemplate {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^!}][^}]*)}");
  private static final String NO_VALUE = "AWS::NoValue";

  private final JsonNode template;
  private final Map<String, String> answers = new LinkedHashMap<>();
  private final Map<String, String> physical = new HashMap<>();

  /**
   * A template with answers.
   *
   * @param given answers where the template's own are not meant
   */
  public ResolvedTemplate(JsonNode template, Map<String, String> given, String stack) {
    this.template = template;
    template
        .path("Parameters")
        .properties()
        .forEach(
            parameter -> {
              String own = parameter.getValue().path("Default").asText("");
              answers.put(parameter.getKey(), given.getOrDefault(parameter.getKey(), own));
            });
    answers.put("AWS::StackName", stack);
    answers.put("AWS::Region", FakeAws.REGION);
    answers.put("AWS::AccountId", FakeAws.ACCOUNT);
    answers.put("AWS::Partition", "aws");
    answers.put("AWS::URLSuffix", "amazonaws.com");
  }

  /** The same from a template's text. */
  public static ResolvedTemplate of(String json, Map<String, String> given, String stack) {
    try {
      return new ResolvedTemplate(new JsonMapper().readTree(json), given, stack);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of the resources that are made. */
  public List<String> resources() {
    return template.path("Resources").properties().stream()
        .filter(resource -> isMade(resource.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A resource's type. */
  public String type(String resource) {
    return resource(resource).path("Type").asText();
  }

  /** A resource's properties, computed. */
  public JsonNode properties(String resource) {
    return resolved(resource(resource).path("Properties"));
  }

  /** What the stack tells. */
  public Map<String, String> outputs() {
    var outputs = new LinkedHashMap<String, String>();
    for (var output : template.path("Outputs").properties()) {
      if (isMade(output.getValue())) {
        outputs.put(output.getKey(), resolved(output.getValue().path("Value")).asText());
      }
    }
    return outputs;
  }

  /** All of it in one document, as after the making. */
  public JsonNode whole() {
    ObjectNode made = NODES.objectNode();
    for (String name : resources()) {
      made.putObject(name).put("Type", type(name)).set("Properties", properties(name));
    }
    return NODES.objectNode().set("Resources", made);
  }

  /** The identity {@code Ref} gives for a resource. */
  public String physical(String resource) {
    String known = physical.get(resource);
    if (known == null) {
      known = identity(resource);
      physical.put(resource, known);
    }
    return known;
  }

  private JsonNode resource(String name) {
    JsonNode resource = template.path("Resources").path(name);
    if (resource.isMissingNode() || !isMade(resource)) {
      throw new IllegalArgumentException("No resource " + name + " is made");
    }
    return resource;
  }

  private boolean isMade(JsonNode each) {
    return !each.has("Condition") || holds(each.path("Condition").asText());
  }

  private boolean holds(String condition) {
    JsonNode rule = template.path("Conditions").path(condition);
    if (rule.isMissingNode()) {
      throw new IllegalArgumentException("No condition " + condition);
    }
    return holds(rule);
  }

  private boolean holds(JsonNode rule) {
    var only = rule.properties().iterator().next();
    JsonNode of = only.getValue();
    return switch (only.getKey()) {
      case "Condition" -> holds(of.asText());
      case "Fn::Equals" -> resolved(of.get(0)).equals(resolved(of.get(1)));
      case "Fn::Not" -> !holds(of.get(0));
      case "Fn::And" -> children(of).stream().allMatch(this::holds);
      case "Fn::Or" -> children(of).stream().anyMatch(this::holds);
      default -> throw new IllegalArgumentException("No condition: " + rule);
    };
  }

  private static List<JsonNode> children(JsonNode list) {
    var all = new ArrayList<JsonNode>();
    list.forEach(all::add);
    return all;
  }

  /** The value computed; an absent one is a missing node. */
  private JsonNode resolved(JsonNode value) {
    return switch (value) {
      case ArrayNode list -> {
        ArrayNode all = NODES.arrayNode();
        list.forEach(each -> put(resolved(each), all::add));
        yield all;
      }
      case ObjectNode map when map.size() == 1 && isFunction(map.fieldNames().next()) ->
          function(map.fieldNames().next(), map.iterator().next());
      case ObjectNode map -> {
        ObjectNode all = NODES.objectNode();
        map.properties()
            .forEach(each -> put(resolved(each.getValue()), v -> all.set(each.getKey(), v)));
        yield all;
      }
      default -> value;
    };
  }

  private static void put(JsonNode value, java.util.function.Consumer<JsonNode> to) {
    if (!value.isMissingNode()) {
      to.accept(value);
    }
  }

  private static boolean isFunction(String name) {
    return name.equals("Ref") || name.startsWith("Fn::");
  }

  private JsonNode function(String name, JsonNode of) {
    return switch (name) {
      case "Ref" -> reference(of.asText());
      case "Fn::GetAtt" -> text(attribute(of.get(0).asText(), of.get(1).asText()));
      case "Fn::Sub" -> text(substituted(of));
      case "Fn::If" -> resolved(of.get(holds(of.get(0).asText()) ? 1 : 2));
      case "Fn::Join" ->
          text(
              children(resolved(of.get(1))).stream()
                  .map(JsonNode::asText)
                  .collect(Collectors.joining(of.get(0).asText())));
      case "Fn::Split" -> split(of.get(0).asText(), resolved(of.get(1)).asText());
      case "Fn::Select" -> resolved(of.get(1)).get(of.get(0).asInt());
      default -> throw new IllegalArgumentException("No function " + name);
    };
  }

  private static ArrayNode split(String delimiter, String value) {
    ArrayNode parts = NODES.arrayNode();
    for (String part : value.split(Pattern.quote(delimiter), -1)) {
      parts.add(part);
    }
    return parts;
  }

  private JsonNode reference(String name) {
    if (name.equals(NO_VALUE)) {
      return NODES.missingNode();
    }
    if (!answers.containsKey(name)) {
      return text(physical(name));
    }
    String type = template.path("Parameters").path(name).path("Type").asText();
    String answer = answers.getOrDefault(name, "");
    return type.startsWith("List<") || type.equals("CommaDelimitedList")
        ? split(",", answer)
        : text(answer);
  }

  private String substituted(JsonNode of) {
    boolean alone = of.isTextual();
    JsonNode variables = alone ? NODES.objectNode() : of.get(1);
    Matcher variable = VARIABLE.matcher(alone ? of.asText() : of.get(0).asText());
    return variable.replaceAll(
        match -> {
          String name = match.group(1);
          JsonNode value =
              variables.has(name)
                  ? resolved(variables.get(name))
                  : name.contains(".")
                      ? text(attribute(name.split("\\.", 2)[0], name.split("\\.", 2)[1]))
                      : reference(name);
          if (!value.isValueNode()) {
            throw new IllegalArgumentException("No text for ${" + name + "}: " + value);
          }
          return Matcher.quoteReplacement(value.asText());
        });
  }

  private String attribute(String resource, String attribute) {
    return switch (attribute) {
      case "Arn" -> arn(resource);
      case "Name" -> own(resource, "ServiceName").orElseThrow();
      default -> physical(resource);
    };
  }

  private Optional<String> own(String resource, String property) {
    JsonNode value = resolved(resource(resource).path("Properties").path(property));
    return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
  }

  private String arn(String resource) {
    String name = physical(resource);
    return switch (type(resource)) {
      case "AWS::S3::Bucket" -> "arn:aws:s3:::" + name;
      case "AWS::IAM::Role" -> "arn:aws:iam::" + FakeAws.ACCOUNT + ":role/" + name;
      case "AWS::Lambda::Function" -> arn("lambda", "function:" + name);
      case "AWS::CloudWatch::Alarm" -> arn("cloudwatch", "alarm:" + name);
      default -> name;
    };
  }

  private static String arn(String service, String rest) {
    return "arn:aws:" + service + ":" + FakeAws.REGION + ":" + FakeAws.ACCOUNT + ":" + rest;
  }

  /** As AWS makes them up: an ARN, the name given, or one of the stack's and the resource's. */
  private String identity(String resource) {
    String code = code(resource);
    return switch (type(resource)) {
      case "AWS::DMS::ReplicationTask" -> arn("dms", "task:" + code);
      case "AWS::DMS::Endpoint" -> arn("dms", "endpoint:" + code);
      case "AWS::DMS::ReplicationInstance" -> arn("dms", "rep:" + code);
      case "AWS::DMS::Certificate" -> arn("dms", "cert:" + code);
      case "AWS::StepFunctions::StateMachine" ->
          arn("states", "stateMachine:" + own(resource, "StateMachineName").orElseThrow());
      case "AWS::SNS::Topic" -> arn("sns", own(resource, "TopicName").orElseThrow());
      case "AWS::SNS::Subscription" -> arn("sns", "topic:" + code);
      case "AWS::EC2::SecurityGroup" -> "sg-" + code.toLowerCase(Locale.ROOT).substring(0, 17);
      case "AWS::SecretsManager::Secret" ->
          arn("secretsmanager", "secret:" + own(resource, "Name").orElseThrow() + "-AbCdEf");
      case "AWS::ECS::TaskDefinition" ->
          arn("ecs", "task-definition/" + own(resource, "Family").orElseThrow() + ":1");
      case "AWS::ECS::Service" ->
          arn(
              "ecs",
              "service/"
                  + own(resource, "Cluster").orElseThrow()
                  + "/"
                  + own(resource, "ServiceName").orElseThrow());
      default -> named(resource, code);
    };
  }

  private String named(String resource, String code) {
    for (String property :
        List.of("BucketName", "ClusterName", "LogGroupName", "DashboardName", "RoleName")) {
      Optional<String> name = own(resource, property);
      if (name.isPresent()) {
        return name.get();
      }
    }
    return answers.get("AWS::StackName") + "-" + resource + "-" + code.substring(0, 12);
  }

  /** 26 letters and digits, the same each time. */
  private String code(String resource) {
    String seed = answers.get("AWS::StackName") + "/" + resource;
    return (UUID.nameUUIDFromBytes(seed.getBytes(java.nio.charset.StandardCharsets.UTF_8)) + "")
        .replace("-", "")
        .toUpperCase(Locale.ROOT)
        .substring(0, 26);
  }

  private static TextNode text(String value) {
    return TextNode.valueOf(value);
  }
}
