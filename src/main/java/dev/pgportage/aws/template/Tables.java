package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * The part of a workflow that looks at what DMS's validation says of the task's tables, page by
 * page until one tells enough. Afterwards {@code $.t.verdict} is {@code proven}, {@code open} or
 * {@code wrong}, and {@code $.t.pages} and {@code $.t.total} tell how many were looked at.
 */
final class Tables {
  private static final int PAGE = 100;
  private static final String STATES = "$.TableStatistics[*].ValidationState";

  private Tables() {}

  /** Adds the look; it begins with the state {@code Look at tables}. */
  static void addTo(Machine machine, String next) {
    machine
        .add(
            "Look at tables",
            State.pass(Json.object("pages", 0, "total", 0)).into("$.t").next("First page"))
        .add("First page", page(Json.object()).next("Add page"))
        .add("Next page", page(Json.object("Marker.$", "$.page.marker[0]")).next("Add page"))
        .add(
            "Add page",
            State.pass(
                    Json.object(
                        "pages.$",
                        "States.MathAdd($.t.pages,1)",
                        "total.$",
                        "States.MathAdd($.t.total,$.page.tables)"))
                .into("$.t")
                .next("Page?"))
        .add(
            "Page?",
            State.choice("Open")
                .when(Rule.compare("$.page.wrong", "StringMatches", "*true*"), "Wrong")
                .when(Rule.all(clean(), Rule.present("$.page.marker[0]")), "Next page")
                .when(clean(), "Proven"))
        .add("Open", verdict("open", next))
        .add("Wrong", verdict("wrong", next))
        .add("Proven", verdict("proven", next));
  }

  private static State page(Map<String, Object> marker) {
    return State.call(
            "databasemigration",
            "describeTableStatistics",
            Json.joined(
                Json.object("ReplicationTaskArn.$", "$.replicationTaskArn", "MaxRecords", PAGE),
                marker))
        .selecting(
            "tables.$",
            "States.ArrayLength(" + STATES + ")",
            "states.$",
            "States.ArrayLength(States.ArrayUnique(" + STATES + "))",
            "ok.$",
            contains("Validated"),
            "keyless.$",
            contains("No primary key"),
            "wrong.$",
            "States.Format('{}{}{}',"
                + contains("Mismatched records")
                + ","
                + contains("Table error")
                + ","
                + contains("Error")
                + ")",
            "marker.$",
            "$..Marker")
        .into("$.page");
  }

  private static String contains(String state) {
    return "States.ArrayContains(" + STATES + ",'" + state + "')";
  }

  /** Every table of the page is validated, or has no key by which DMS could. */
  private static Map<String, Object> clean() {
    Map<String, Object> ok = Rule.compare("$.page.ok", "BooleanEquals", true);
    Map<String, Object> keyless = Rule.compare("$.page.keyless", "BooleanEquals", true);
    Map<String, Object> one = Rule.compare("$.page.states", "NumericEquals", 1);
    return Rule.any(
        Rule.all(one, Rule.any(ok, keyless)),
        Rule.all(Rule.compare("$.page.states", "NumericEquals", 2), ok, keyless));
  }

  private static State verdict(String verdict, String next) {
    return State.result(verdict).into("$.t.verdict").next(next);
  }

  /** Whether the last look ended so. */
  static Map<String, Object> are(String verdict) {
    return Rule.isOneOf("$.t.verdict", verdict);
  }

  /** The task as DMS describes it, at {@code $.task.list[0]}. */
  static State describeTask() {
    return State.call(
            "databasemigration",
            "describeReplicationTasks",
            Json.object(
                "Filters",
                List.of(
                    Json.object(
                        "Name",
                        "replication-task-arn",
                        "Values.$",
                        "States.Array($.replicationTaskArn)")),
                "WithoutSettings",
                true))
        .selecting("list.$", "$.ReplicationTasks")
        .into("$.task");
  }
}
