package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A run of a workflow against scripted answers of AWS. */
final class Scenario {
  private final String name;
  private final Map<String, Object> input = Json.object();
  private final List<Object> answers = new ArrayList<>();
  private int budget = 3000;
  private int executions = 5;
  private boolean unseen;

  private Scenario(String name) {
    this.name = name;
  }

  static Scenario of(String name, Map<String, Object> input) {
    var scenario = new Scenario(name);
    scenario.input.putAll(input);
    return scenario;
  }

  Scenario input(String field, Object value) {
    input.put(field, value);
    return this;
  }

  /** The successive answers of a state's task; the last one is given for ever. Later rules win. */
  @SafeVarargs
  final Scenario when(String state, Map<String, Object>... given) {
    return whenHas(state, "", given);
  }

  /** The same for calls whose input has a word in it. */
  @SafeVarargs
  final Scenario whenHas(String state, String word, Map<String, Object>... given) {
    var list = new ArrayList<Object>();
    for (Map<String, Object> each : given) {
      list.add(each);
    }
    answers.addFirst(Json.object("state", state, "word", word, "answers", list));
    return this;
  }

  Scenario limits(int calls, int mostExecutions) {
    budget = calls;
    executions = mostExecutions;
    return this;
  }

  /** The mailer may not look at the failed execution. */
  Scenario unseen() {
    unseen = true;
    return this;
  }

  String name() {
    return name;
  }

  Map<String, Object> body() {
    return Json.object(
        "name",
        name,
        "input",
        input,
        "answers",
        answers,
        "budget",
        budget,
        "executions",
        executions,
        "unseen",
        unseen);
  }

  /** An answer that is an error. */
  static Map<String, Object> error(String error, String cause) {
    return Json.object("error", error, "cause", cause);
  }
}
