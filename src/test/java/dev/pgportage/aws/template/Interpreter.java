package dev.pgportage.aws.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Carries out a workflow's scenarios, and reads what came of them. */
final class Interpreter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Interpreter() {}

  /** What came of each scenario, by its name. */
  static Map<String, JsonNode> run(Map<String, Object> workflow, List<Scenario> scenarios)
      throws Exception {
    return run(workflow, scenarios, Map.of());
  }

  /** The same with values of some variables. */
  static Map<String, JsonNode> run(
      Map<String, Object> workflow, List<Scenario> scenarios, Map<String, String> variables)
      throws Exception {
    String request =
        "{\"definition\":%s,\"mailer\":%s,\"scenarios\":%s}"
            .formatted(
                filled(workflow, variables),
                filled(FailureMail.definition(), variables),
                JSON.writeValueAsString(scenarios.stream().map(Scenario::body).toList()));
    var results = new LinkedHashMap<String, JsonNode>();
    for (JsonNode result : JSON.readTree(NodeTools.run("interpret.cjs", request))) {
      results.put(result.get("name").textValue(), result);
    }
    return results;
  }

  private static String filled(Map<String, Object> workflow, Map<String, String> variables) {
    String text = JsonRendering.compact(new Intrinsic.Document(workflow, Map.of()));
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      text = text.replace("${" + variable.getKey() + "}", variable.getValue());
    }
    return text.replace("${AWS::Partition}", "aws")
        .replace("${AWS::StackName}", "shop")
        .replace("${Limit}", "5")
        .replace("${Bucket}", "bucket")
        .replaceAll("\\$\\{[^}]+}", "value");
  }

  static List<String> subjects(JsonNode result) {
    return StreamSupport.stream(result.get("mails").spliterator(), false)
        .map(mail -> mail.get("subject").asText())
        .toList();
  }

  static int called(JsonNode result, String state) {
    return result.get("calls").path(state).asInt();
  }

  static JsonNode input(JsonNode result, String state) {
    return StreamSupport.stream(result.get("inputs").spliterator(), false)
        .filter(call -> call.get("state").textValue().equals(state))
        .findFirst()
        .orElseThrow()
        .get("input");
  }

  static List<String> mails(JsonNode result) {
    return StreamSupport.stream(result.get("mails").spliterator(), false)
        .map(mail -> mail.get("subject").asText() + " | " + mail.get("message").asText())
        .toList();
  }
}
