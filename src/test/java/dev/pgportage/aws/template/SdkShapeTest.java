package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every call of AWS a workflow makes has the name and the parameters that AWS's SDK for Java knows:
 * Step Functions takes its names.
 */
class SdkShapeTest {
  private static final String SERVICES = "software.amazon.awssdk.services.";

  private final List<String> faults = new ArrayList<>();
  private int calls;

  @Test
  void callsOnlyWhatTheSdkKnows() throws JsonProcessingException {
    check(DmsWorkflow.definition());
    check(NativeWorkflow.definition());
    check(FailureMail.definition());
    assertThat(faults).isEmpty();
    assertThat(calls).isGreaterThan(30);
  }

  @Test
  void findsWhatTheSdkDoesNotKnow() throws JsonProcessingException {
    check(
        new Machine()
            .add("A", State.call("rds", "describeDBClusters", Json.object("DBClusterName", "x")))
            .add("B", State.call("sfn", "beginExecution", Json.object()))
            .add(
                "C",
                State.call(
                    "cloudwatch",
                    "getMetricData",
                    Json.object("MetricDataQueries", List.of(Json.object("Label", 1)))))
            .add(
                "D",
                State.call("cloudwatch", "enableAlarmActions", Json.object("AlarmNames", "one")))
            .definition("faulty"));
    assertThat(faults)
        .containsExactly(
            "A: unknown DBClusterName",
            "B: no sfn:beginExecution",
            "C.MetricDataQueries: Label is no String",
            "D: AlarmNames is no List");
  }

  private void check(Map<String, Object> workflow) throws JsonProcessingException {
    String text = JsonRendering.compact(new Intrinsic.Document(workflow, Map.of()));
    walk(new ObjectMapper().readTree(text).get("States"));
  }

  private void walk(JsonNode states) {
    for (Map.Entry<String, JsonNode> state : states.properties()) {
      JsonNode body = state.getValue();
      if (body.has("ItemProcessor")) {
        walk(body.at("/ItemProcessor/States"));
      }
      String resource = body.path("Resource").asText();
      if (!resource.isEmpty()) {
        String call = resource.substring(resource.indexOf(":::") + 3);
        call(state.getKey(), call.replaceFirst("^aws-sdk:", "").replaceFirst("\\.sync$", ""), body);
      }
    }
  }

  private void call(String state, String call, JsonNode body) {
    calls++;
    String[] parts = call.split(":", -1);
    String request =
        SERVICES + parts[0] + ".model." + capital(parts[1]).replace("DB", "Db") + "Request";
    try {
      fields(state, body.path("Parameters"), Class.forName(request));
    } catch (ClassNotFoundException e) {
      faults.add(state + ": no " + call);
    }
  }

  private void fields(String where, JsonNode given, Class<?> shape) {
    for (Map.Entry<String, JsonNode> field : given.properties()) {
      String name = field.getKey().replaceFirst("\\.\\$$", "");
      Method getter =
          Arrays.stream(shape.getMethods())
              .filter(method -> method.getParameterCount() == 0)
              .filter(method -> capital(method.getName()).equals(name))
              .findFirst()
              .orElse(null);
      if (getter == null) {
        faults.add(where + ": unknown " + name);
      } else if (name.equals(field.getKey())) {
        value(where, name, field.getValue(), getter);
      }
    }
  }

  private void value(String where, String name, JsonNode value, Method getter) {
    Class<?> type = getter.getReturnType();
    boolean fits =
        (type == List.class && value.isArray())
            || (type == String.class && value.isTextual())
            || (type.isEnum() && value.isTextual() && knows(type, value.textValue()))
            || (type == Integer.class && value.isInt())
            || (type == Boolean.class && value.isBoolean())
            || (value.isObject() && type.getName().startsWith(SERVICES));
    if (!fits) {
      faults.add(where + ": " + name + " is no " + type.getSimpleName());
    } else if (value.isObject()) {
      fields(where + "." + name, value, type);
    } else if (value.isArray()) {
      var item = ((ParameterizedType) getter.getGenericReturnType()).getActualTypeArguments()[0];
      value.forEach(
          each -> {
            if (each.isObject()) {
              fields(where + "." + name, each, (Class<?>) item);
            }
          });
    }
  }

  private static boolean knows(Class<?> type, String word) {
    return word.startsWith("${")
        || Arrays.stream(type.getEnumConstants()).anyMatch(each -> each.toString().equals(word));
  }

  private static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
