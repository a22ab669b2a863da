package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * What DMS tells no metric of: how far the full load is, which the workflow notes, and how many
 * errors its task wrote into its log, which a filter counts. Both are metrics of the stack's own.
 */
final class Progress {
  private static final String NAMESPACE = "pgportage/${AWS::StackName}";
  private static final String PERCENT = "FullLoadPercent";
  private static final String ERRORS = "Errors";

  /** Behind the component's name in every line of DMS's log that tells an error. */
  private static final String MARK = "\"]E:\"";

  private Progress() {}

  /** Notes the percentage at a path; that it cannot be noted holds nothing up. */
  static State note(String percent, String next) {
    return State.once(
            "cloudwatch",
            "putMetricData",
            Json.object(
                "Namespace",
                NAMESPACE,
                "MetricData",
                List.of(Json.object("MetricName", PERCENT, "Value.$", percent))))
        .keeping()
        .catching("States.ALL", "$.unsent", next)
        .next(next);
  }

  /** Lets the workflow note it. */
  static Map<String, Object> permission() {
    return Json.joined(
        Policy.allow("cloudwatch:PutMetricData", "*"),
        Json.object(
            "Condition",
            Json.object(
                "StringEquals", Json.object("cloudwatch:namespace", Intrinsic.sub(NAMESPACE)))));
  }

  static Resource errors() {
    return Resource.of(
        "TaskErrors",
        "AWS::Logs::MetricFilter",
        Json.object(
            "LogGroupName",
            Intrinsic.ref("TaskLog"),
            "FilterPattern",
            MARK,
            "MetricTransformations",
            List.of(
                Json.object(
                    "MetricNamespace",
                    Intrinsic.sub(NAMESPACE),
                    "MetricName",
                    ERRORS,
                    "MetricValue",
                    "1"))));
  }

  /** The chart of both, in the first place. */
  static Map<String, Object> chart() {
    return Figures.chart(
        "Full load (%), errors (right)",
        0,
        List.of(
            List.of(NAMESPACE, PERCENT),
            List.of(NAMESPACE, ERRORS, Json.object("stat", "Sum", "yAxis", "right"))));
  }
}
