package dev.pgportage.aws;

import dev.pgportage.aws.FakeAws.Answer;
import dev.pgportage.aws.FakeAws.Call;
import dev.pgportage.aws.FakeAws.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Step Functions and DMS's task: an execution enters its next state each time somebody looks. */
public final class FakeWorkflows implements FakeAws.Service {
  public static final String MACHINE =
      "arn:aws:states:eu-central-1:123456789012:stateMachine:shop-migration-workflow";
  private static final int PAGE = 2;

  /** How an execution goes: the states it enters and how it ends. */
  public record Script(
      List<String> states, String status, String output, String error, String cause) {
    public static Script ok(String... states) {
      return new Script(List.of(states), "SUCCEEDED", "{}", "", "");
    }
  }

  private static final class Execution {
    private final String name;
    private final String machine;
    private final String arn;
    private Script script;
    private String status = "RUNNING";
    private int entered = 1;
    private CompletableFuture<Void> work = CompletableFuture.completedFuture(null);

    Execution(String machine, String name, Script script) {
      this.machine = machine;
      this.name = name;
      this.arn = machine.replace("stateMachine", "execution") + ":" + name;
      this.script = script;
    }

    /** Ends as the script says, or with what went wrong in the work. */
    void end() {
      try {
        work.join();
      } catch (CompletionException e) {
        script = new Script(script.states(), "FAILED", "", "Work", String.valueOf(e.getCause()));
      }
      status = script.status();
    }
  }

  private final Map<String, Execution> executions = new LinkedHashMap<>();
  private final List<Map<String, Object>> tables = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();
  private Script next = Script.ok("Begin");
  private Consumer<String> begun = _ -> {};
  private String task = "running";
  private int percent = 100;
  private double latency = 1;

  /** How executions go that are started from now on. */
  public void script(Script script) {
    next = script;
  }

  /** Who does the work of executions that are started from now on, told their input. */
  public void whenStarted(Consumer<String> work) {
    begun = work;
  }

  /** An execution that was started before. */
  public void add(String name, Script script, String status) {
    add(MACHINE, name, script, status);
  }

  /** The same of another machine. */
  public void add(String machine, String name, Script script, String status) {
    var execution = new Execution(machine, name, script);
    execution.status = status;
    executions.put(execution.arn, execution);
  }

  public List<String> inputs() {
    return List.copyOf(inputs);
  }

  public String status(String name) {
    return executions.values().stream()
        .filter(execution -> execution.name.equals(name))
        .findFirst()
        .orElseThrow()
        .status;
  }

  public void task(String status, int fullLoadPercent, double seconds) {
    task = status;
    percent = fullLoadPercent;
    latency = seconds;
  }

  public String task() {
    return task;
  }

  public void table(String name, String validation, int failed) {
    tables.add(
        Map.of(
            "SchemaName",
            "public",
            "TableName",
            name,
            "TableState",
            "Table completed",
            "FullLoadRows",
            1000,
            "Inserts",
            5,
            "ValidationState",
            validation,
            "ValidationFailedRecords",
            failed));
  }

  @Override
  public Optional<Answer> answer(Call call) {
    return switch (call.action()) {
      case "states:ListExecutions" -> Optional.of(list(call));
      case "states:StartExecution" -> Optional.of(start(call));
      case "states:DescribeExecution" -> Optional.of(describe(find(call)));
      case "states:GetExecutionHistory" -> Optional.of(history(find(call), call));
      case "states:StopExecution" -> {
        find(call).status = "ABORTED";
        yield Optional.of(Answer.json(Map.of("stopDate", 1.7e9)));
      }
      case "dms:DescribeReplicationTasks" -> Optional.of(Answer.json(tasks()));
      case "dms:DescribeReplicationTaskAssessmentRuns" ->
          Optional.of(
              Answer.json(
                  Map.of(
                      "ReplicationTaskAssessmentRuns",
                      List.of(
                          Map.of(
                              "ReplicationTaskAssessmentRunArn",
                              "arn:run",
                              "Status",
                              "running")))));
      case "dms:CancelReplicationTaskAssessmentRun" -> {
        task = "ready";
        yield Optional.of(Answer.json(Map.of()));
      }
      case "dms:DescribeReplicationInstances" ->
          Optional.of(
              Answer.json(
                  Map.of(
                      "ReplicationInstances",
                      List.of(Map.of("ReplicationInstanceIdentifier", "shop-dms")))));
      case "dms:DescribeTableStatistics" -> Optional.of(statistics(call));
      case "dms:StopReplicationTask" -> {
        task = "stopping";
        yield Optional.of(Answer.json(Map.of("ReplicationTask", Map.of("Status", task))));
      }
      case "cloudwatch:PutMetricData" ->
          Optional.of(
              call.json().isMissingNode()
                  ? FakeStacks.result("PutMetricData", "")
                  : Answer.json(Map.of()));
      case "cloudwatch:GetMetricData" -> Optional.of(metrics(call));
      default -> Optional.empty();
    };
  }

  private Execution find(Call call) {
    Execution found = executions.get(call.get("executionArn"));
    if (found == null) {
      throw new Refusal(400, "ExecutionDoesNotExist", "Execution Does Not Exist");
    }
    return found;
  }

  private Answer list(Call call) {
    String machine = call.get("stateMachineArn");
    String wanted = call.get("statusFilter");
    List<Map<String, Object>> all =
        new ArrayList<>(executions.values())
            .reversed().stream()
                .filter(e -> e.machine.equals(machine))
                .filter(e -> wanted.isEmpty() || e.status.equals(wanted))
                .<Map<String, Object>>map(
                    e ->
                        Map.of(
                            "executionArn", e.arn,
                            "stateMachineArn", e.machine,
                            "name", e.name,
                            "status", e.status,
                            "startDate", 1.7e9))
                .toList();
    return paged("executions", all, call.get("nextToken"), "nextToken");
  }

  private Answer start(Call call) {
    var execution = new Execution(call.get("stateMachineArn"), call.get("name"), next);
    Execution same = executions.get(execution.arn);
    if (same != null && same.status.equals("RUNNING")) {
      return Answer.json(Map.of("executionArn", same.arn, "startDate", 1.7e9));
    }
    if (same != null) {
      throw new Refusal(400, "ExecutionAlreadyExists", "Execution Already Exists");
    }
    inputs.add(call.get("input"));
    executions.put(execution.arn, execution);
    String input = call.get("input");
    Consumer<String> worker = begun;
    execution.work = CompletableFuture.runAsync(() -> worker.accept(input));
    return Answer.json(Map.of("executionArn", execution.arn, "startDate", 1.7e9));
  }

  private static Answer describe(Execution execution) {
    if (execution.status.equals("RUNNING")) {
      if (execution.entered < execution.script.states().size()) {
        execution.entered++;
      } else if (execution.work.isDone()) {
        execution.end();
      }
    }
    var answer = new LinkedHashMap<String, Object>();
    answer.put("executionArn", execution.arn);
    answer.put("stateMachineArn", execution.machine);
    answer.put("name", execution.name);
    answer.put("status", execution.status);
    answer.put("startDate", 1.7e9);
    if (execution.status.equals("SUCCEEDED")) {
      answer.put("output", execution.script.output());
    } else if (!execution.status.equals("RUNNING")) {
      answer.put("error", execution.script.error());
      answer.put("cause", execution.script.cause());
    }
    return Answer.json(answer);
  }

  private static Answer history(Execution execution, Call call) {
    var all = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < execution.entered; i++) {
      all.addFirst(
          Map.of(
              "id",
              i + 1,
              "timestamp",
              1.7e9 + i,
              "type",
              "TaskStateEntered",
              "stateEnteredEventDetails",
              Map.of("name", execution.script.states().get(i))));
    }
    return paged("events", all, call.get("nextToken"), "nextToken");
  }

  private Map<String, Object> tasks() {
    if (task.equals("none")) {
      return Map.of("ReplicationTasks", List.of());
    }
    String now = task;
    if (task.equals("stopping")) {
      task = "stopped";
    }
    return Map.of(
        "ReplicationTasks",
        List.of(
            Map.of(
                "Status",
                now,
                "ReplicationInstanceArn",
                "arn:aws:dms:eu-central-1:123456789012:rep:R",
                "ReplicationTaskStats",
                Map.of("FullLoadProgressPercent", percent, "TablesLoaded", tables.size()))));
  }

  private Answer statistics(Call call) {
    return paged("TableStatistics", tables, call.get("Marker"), "Marker");
  }

  private Answer metrics(Call call) {
    if (!call.json().isMissingNode()) {
      return Answer.json(
          Map.of(
              "MetricDataResults",
              List.of(
                  Map.of("Id", "m", "Values", List.of(latency), "Timestamps", List.of(1.7e9)))));
    }
    return FakeStacks.result(
        "GetMetricData",
        "<MetricDataResults><member><Id>m</Id><Values><member>"
            + latency
            + "</member></Values></member></MetricDataResults>");
  }

  private static <T> Answer paged(String name, List<T> all, String token, String tokenName) {
    int from = token.isEmpty() ? 0 : Integer.parseInt(token);
    int to = Math.min(all.size(), from + PAGE);
    var answer = new LinkedHashMap<String, Object>();
    answer.put(name, all.subList(from, to));
    if (to < all.size()) {
      answer.put(tokenName, String.valueOf(to));
    }
    return Answer.json(answer);
  }
}
