package dev.pgportage.aws;

import dev.pgportage.aws.FakeAws.Answer;
import dev.pgportage.aws.FakeAws.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ECS: one service and the tasks of its cluster; a stopped task is gone when somebody looks twice.
 */
public final class FakeContainers implements FakeAws.Service {
  private final List<String> tasks = new ArrayList<>();
  private final List<String> stopping = new ArrayList<>();
  private Optional<String> service = Optional.empty();
  private int desired;

  /** A service with so many tasks that should run. */
  public void service(String arn, int count) {
    service = Optional.of(arn);
    desired = count;
    tasks.add("arn:aws:ecs:e:1:task/c/service");
  }

  /** A task that runs beside the service. */
  public void task(String arn) {
    tasks.add(arn);
  }

  public int desired() {
    return desired;
  }

  public int running() {
    return tasks.size();
  }

  @Override
  public Optional<Answer> answer(FakeAws.Call call) {
    return switch (call.action()) {
      case "ecs:DescribeServices" ->
          Optional.of(
              Answer.json(
                  Map.of("services", service.map(this::body).map(List::of).orElse(List.of()))));
      case "ecs:UpdateService" -> {
        if (service.isEmpty()) {
          throw new Refusal(400, "ServiceNotFoundException", "Service not found.");
        }
        desired = call.json().path("desiredCount").asInt();
        yield Optional.of(Answer.json(Map.of("service", body(service.get()))));
      }
      case "ecs:ListTasks" -> Optional.of(list(call.get("nextToken")));
      case "ecs:StopTask" -> {
        stopping.add(call.get("task"));
        yield Optional.of(Answer.json(Map.of("task", Map.of("taskArn", call.get("task")))));
      }
      default -> Optional.empty();
    };
  }

  private Map<String, Object> body(String arn) {
    return Map.of(
        "serviceArn",
        arn,
        "serviceName",
        arn.substring(arn.lastIndexOf('/') + 1),
        "status",
        "ACTIVE",
        "desiredCount",
        desired,
        "runningCount",
        tasks.size(),
        "pendingCount",
        0,
        "events",
        List.of(Map.of("id", "e", "message", "(service shop) has reached a steady state.")));
  }

  /** One task a page; those that were stopped go once all pages were read. */
  private Answer list(String token) {
    int at = token.isEmpty() ? 0 : Integer.parseInt(token);
    var answer = new LinkedHashMap<String, Object>();
    answer.put("taskArns", at < tasks.size() ? List.of(tasks.get(at)) : List.of());
    if (at + 1 < tasks.size()) {
      answer.put("nextToken", String.valueOf(at + 1));
    } else {
      tasks.removeAll(stopping);
    }
    return Answer.json(answer);
  }
}
