package dev.pgportage.aws.template;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A state of a state machine in Amazon States Language, in the JSONPath dialect.
 *
 * @param body its fields
 */
record State(Map<String, Object> body) {
  private static final List<Object> RETRY =
      List.of(
          Json.object(
              "ErrorEquals", List.of("States.TaskFailed"), "IntervalSeconds", 5, "MaxAttempts", 6));

  /** An action of an AWS service, tried again a few times before it counts as failed. */
  static State call(String service, String action, Map<String, Object> parameters) {
    return once(service, action, parameters).with("Retry", RETRY);
  }

  /** An action of an AWS service, tried once. */
  static State once(String service, String action, Map<String, Object> parameters) {
    return task("aws-sdk:" + service + ":" + action, parameters);
  }

  /** An integration with a service by its name behind {@code states:::}. */
  static State task(String integration, Map<String, Object> parameters) {
    return new State(
        Json.object(
            "Type",
            "Task",
            "Resource",
            "arn:${AWS::Partition}:states:::" + integration,
            "Parameters",
            parameters));
  }

  /** A mail to the stack's topic; that it cannot be sent does not end the workflow. */
  static State mail(String subject, String message, String next) {
    return publish(subject, message)
        .with("Retry", RETRY)
        .keeping()
        .catching("States.ALL", "$.unsent", next)
        .next(next);
  }

  /**
   * A mail without a net.
   *
   * @param message text, or an intrinsic function that makes it
   */
  static State publish(String subject, String message) {
    String key = message.startsWith("States.") ? "Message.$" : "Message";
    return task(
        "sns:publish", Json.object("TopicArn", "${Topic}", "Subject", subject, key, message));
  }

  /** Computes values. */
  static State pass(Map<String, Object> parameters) {
    return new State(Json.object("Type", "Pass", "Parameters", parameters));
  }

  /** A value that is known beforehand. */
  static State result(Object value) {
    return new State(Json.object("Type", "Pass", "Result", value));
  }

  static State waiting(int seconds) {
    return new State(Json.object("Type", "Wait", "Seconds", seconds));
  }

  static State succeed() {
    return new State(Json.object("Type", "Succeed"));
  }

  /** The end with an error that is known beforehand. */
  static State fail(String error, String cause) {
    return new State(Json.object("Type", "Fail", "Error", error, "Cause", cause));
  }

  /** Notes an error with a cause that is computed, and goes where {@code Failed} ends it. */
  static State error(String error, String cause) {
    return pass(Json.object("Error", error, "Cause.$", cause)).into("$.error").next("Failed");
  }

  /** The same states for every item of a list. */
  static State map(String items, Map<String, Object> selector, Machine each) {
    return new State(
        Json.object(
            "Type",
            "Map",
            "ItemsPath",
            items,
            "ItemSelector",
            selector,
            "ItemProcessor",
            Json.joined(Json.parse("{ProcessorConfig: {Mode: 'INLINE'}}"), each.branch())));
  }

  /** The end with the error and cause at a path. */
  static State failAt(String path) {
    return new State(
        Json.object("Type", "Fail", "ErrorPath", path + ".Error", "CausePath", path + ".Cause"));
  }

  /** A choice; its rules are tried in their order. */
  static State choice(String otherwise) {
    return new State(
        Json.object("Type", "Choice", "Choices", new ArrayList<>(), "Default", otherwise));
  }

  /** The same choice with a further rule. */
  State when(Map<String, Object> rule, String next) {
    var rules = new ArrayList<Object>((List<?>) body.get("Choices"));
    rules.add(Json.joined(rule, Json.object("Next", next)));
    return with("Choices", rules);
  }

  State next(String name) {
    return with("Next", name);
  }

  State end() {
    return with("End", true);
  }

  /** Puts the result at the path and leaves the rest as it is. */
  State into(String path) {
    return with("ResultPath", path);
  }

  /** Leaves everything as it is. */
  State keeping() {
    return with("ResultPath", NullNode.getInstance());
  }

  /** Takes these values of the answer only. */
  State selecting(Object... pairs) {
    return with("ResultSelector", Json.object(pairs));
  }

  State retrying(Map<String, Object> retry) {
    return with("Retry", List.of(retry));
  }

  State catching(String error, String path, String next) {
    var catchers = new ArrayList<Object>((List<?>) body.getOrDefault("Catch", List.of()));
    catchers.add(Json.object("ErrorEquals", List.of(error), "ResultPath", path, "Next", next));
    return with("Catch", catchers);
  }

  State with(String field, Object value) {
    var changed = new LinkedHashMap<String, Object>(body);
    changed.put(field, value);
    return new State(changed);
  }
}
