package dev.pgportage.aws.template;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Dashboards and alarms, in one shape for both engines. */
final class Figures {
  private static final int WIDTH = 12;
  private static final int HEIGHT = 6;

  private Figures() {}

  /**
   * A chart of a dashboard.
   *
   * @param place counted from the upper left, two in a row
   * @param dimensions names and values in turn
   */
  static Map<String, Object> chart(
      String title, int place, String namespace, List<String> dimensions, String... metrics) {
    List<Object> lines =
        Arrays.stream(metrics)
            .<Object>map(
                metric -> {
                  var line = new java.util.ArrayList<Object>(List.of(namespace, metric));
                  line.addAll(dimensions);
                  return line;
                })
            .toList();
    return chart(title, place, lines);
  }

  /**
   * A chart of metrics that have different dimensions.
   *
   * @param place counted from the upper left, two in a row
   * @param lines each as CloudWatch writes a metric
   */
  static Map<String, Object> chart(String title, int place, List<Object> lines) {
    return Json.object(
        "type",
        "metric",
        "x",
        place % 2 * WIDTH,
        "y",
        place / 2 * HEIGHT,
        "width",
        WIDTH,
        "height",
        HEIGHT,
        "properties",
        Json.object(
            "title",
            title,
            "region",
            "${AWS::Region}",
            "view",
            "timeSeries",
            "stat",
            "Maximum",
            "period",
            60,
            "metrics",
            lines));
  }

  static Resource dashboard(List<Object> charts, Map<String, Object> variables) {
    return Resource.of(
        "MigrationDashboard",
        "AWS::CloudWatch::Dashboard",
        Json.object(
            "DashboardName",
            Intrinsic.sub("${AWS::StackName}-migration-${AWS::Region}"),
            "DashboardBody",
            Intrinsic.document(Json.object("widgets", charts), variables)));
  }

  /**
   * An alarm on the greatest value of a metric.
   *
   * @param meaning what its mail says
   */
  static Resource alarm(String name, String meaning, Map<String, Object> metric, Object threshold) {
    return Resource.of(
        name,
        "AWS::CloudWatch::Alarm",
        Json.joined(
            Json.object("AlarmDescription", Intrinsic.sub("${AWS::StackName}: " + meaning)),
            Json.joined(
                metric,
                Json.object(
                    "Threshold", threshold, "ComparisonOperator", "GreaterThanThreshold"))));
  }

  /** The same alarm, but of values below the threshold. */
  static Resource below(Resource alarm) {
    var properties = new java.util.LinkedHashMap<String, Object>(alarm.properties());
    properties.put("ComparisonOperator", "LessThanThreshold");
    return new Resource(
        alarm.name(), alarm.type(), properties, alarm.attributes(), alarm.comment());
  }

  /** The same alarm, told to the topic unless its actions are switched off. */
  static Resource told(Resource alarm, boolean enabled) {
    return new Resource(
        alarm.name(),
        alarm.type(),
        Json.joined(
            alarm.properties(),
            Json.object(
                "AlarmActions", List.of(Intrinsic.ref(Mails.TOPIC)), "ActionsEnabled", enabled)),
        alarm.attributes(),
        alarm.comment());
  }

  /**
   * What an alarm looks at: the metric, and how many minutes of how many must be bad.
   *
   * @param missing what missing values count as
   */
  static Map<String, Object> metric(
      String namespace, String name, Object dimensions, int bad, int of, String missing) {
    return Json.object(
        "Namespace",
        namespace,
        "MetricName",
        name,
        "Dimensions",
        dimensions,
        "Statistic",
        "Maximum",
        "Period",
        60,
        "EvaluationPeriods",
        of,
        "DatapointsToAlarm",
        bad,
        "TreatMissingData",
        missing);
  }
}
