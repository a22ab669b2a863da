package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * How far replication is behind, by DMS's own figures. For every minute since the execution began,
 * the newest first, {@code $.m.calm} holds 0 if a side's lag was above the limit, 1 if both were
 * below it, and 2 if nothing came in besides.
 */
final class Lag {
  private static final int LOW = 1;
  private static final int SILENT = 2;

  private Lag() {}

  static State ask() {
    return State.call(
            "cloudwatch",
            "getMetricData",
            Json.object(
                "StartTime.$",
                "$$.Execution.StartTime",
                "EndTime.$",
                "$$.State.EnteredTime",
                "ScanBy",
                "TimestampDescending",
                "MaxDatapoints",
                10,
                "MetricDataQueries",
                List.of(
                    Json.object(
                        "Id",
                        "calm",
                        "Expression",
                        "IF(source<=${Limit} AND target<=${Limit},IF(incoming<1,2,1),0)"),
                    query("source", "CDCLatencySource"),
                    query("target", "CDCLatencyTarget"),
                    query("incoming", "CDCIncomingChanges"))))
        .selecting("calm.$", "$.MetricDataResults[0].Values")
        .into("$.m");
  }

  private static Object query(String id, String metric) {
    return Json.object(
        "Id",
        id,
        "ReturnData",
        false,
        "MetricStat",
        Json.object(
            "Metric",
            Json.object(
                "Namespace",
                "AWS/DMS",
                "MetricName",
                metric,
                "Dimensions",
                List.of(
                    Json.object(
                        "Name", "ReplicationInstanceIdentifier", "Value", "${AWS::StackName}-dms"),
                    Json.object("Name", "ReplicationTaskIdentifier", "Value", "${TaskId}"))),
            "Period",
            60,
            "Stat",
            "Maximum"));
  }

  /** Both lags have been below the limit for two minutes. */
  static Map<String, Object> low() {
    return twice(LOW);
  }

  /** For two minutes nothing has come in, either. */
  static Map<String, Object> silent() {
    return twice(SILENT);
  }

  private static Map<String, Object> twice(int least) {
    return Rule.all(
        Rule.present("$.m.calm[1]"),
        Rule.atLeast("$.m.calm[0]", least),
        Rule.atLeast("$.m.calm[1]", least));
  }
}
