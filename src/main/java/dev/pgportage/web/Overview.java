package dev.pgportage.web;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.state.StepLog;
import dev.pgportage.workflow.ProofSummary;
import dev.pgportage.workflow.ReportJson;
import dev.pgportage.workflow.RequestDesk;
import dev.pgportage.workflow.StatusReport;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything the page shows but its long lists, made of a report: sums over the tables, the
 * checklist before a cutover, and what may be asked for.
 */
final class Overview {
  private static final JsonMapper MAPPER = mapper();

  /** The phases at which nothing more is to be done. */
  private static final Set<String> ENDS = Set.of("cut-over", "loaded", "rolled-back");

  /** The lists have answers of their own. */
  @JsonIgnoreProperties({"tables", "validation", "proofs", "recent_events"})
  private interface WithoutLists {}

  private final MigrationConfig config;

  Overview(MigrationConfig config) {
    this.config = config;
  }

  /**
   * Sums over the tables' loads.
   *
   * @param tables how many there are
   * @param copied how many are complete
   * @param copying how many are under way
   * @param rows rows on the target
   * @param plannedRows rows expected
   * @param bytes bytes copied
   * @param plannedBytes bytes expected
   * @param share how much is done, 0 to 1
   * @param bytesPerSecond how fast it goes now
   * @param secondsLeft how long it will take; negative if that cannot be told
   * @param current the table that moved last
   */
  record Load(
      int tables,
      int copied,
      int copying,
      long rows,
      long plannedRows,
      long bytes,
      long plannedBytes,
      double share,
      double bytesPerSecond,
      double secondsLeft,
      Optional<String> current) {}

  /**
   * Sums over the tables' comparisons.
   *
   * @param compared how many tables were compared
   * @param different how many of them differ
   * @param missing rows the target lacks
   * @param extra rows the source lacks
   * @param differing rows with different values
   * @param rows rows compared
   */
  record Proofs(int compared, int different, long missing, long extra, long differing, long rows) {}

  /**
   * A point of the checklist before a cutover.
   *
   * @param id a stable word
   * @param title what must be true
   * @param met whether it is
   * @param detail the figures
   */
  record Point(String id, String title, boolean met, String detail) {}

  /**
   * What may be asked of the running process.
   *
   * @param kind the request's kind
   * @param offered whether it may be asked for now
   * @param reason why not
   */
  record Action(String kind, boolean offered, String reason) {}

  /**
   * What the sampler knows beyond the report.
   *
   * @param load sums over the loads
   * @param proofs sums over the comparisons
   * @param lagMillis the lag in time; negative if it is not known
   */
  record Figures(Load load, Proofs proofs, long lagMillis) {}

  /** The overview of a migration that was never begun, or cannot be read. */
  ObjectNode unread(String state, Optional<String> problem) {
    ObjectNode node = MAPPER.createObjectNode();
    head(node, state, problem);
    return node;
  }

  /** The overview of a report. */
  ObjectNode of(StatusReport report, Figures figures, Optional<String> problem) {
    ObjectNode node = MAPPER.valueToTree(report);
    head(node, state(report), problem);
    node.set("load", MAPPER.valueToTree(figures.load()));
    node.set("compared", MAPPER.valueToTree(figures.proofs()));
    node.set("proven", proven(ProofSummary.of(report.proofs())));
    node.put("lag_millis", figures.lagMillis());
    node.set("checklist", MAPPER.valueToTree(checklist(report, figures)));
    node.set("actions", MAPPER.valueToTree(actions(report)));
    return node;
  }

  private static ObjectNode proven(ProofSummary proofs) {
    ObjectNode node = MAPPER.valueToTree(proofs);
    return node.put("complete", proofs.complete()).put("text", proofs.text());
  }

  private void head(ObjectNode node, String state, Optional<String> problem) {
    node.put("migration", config.name());
    node.put("source", config.source().toString());
    node.put("target", config.target().toString());
    node.put("migration_type", config.type().toString());
    node.put("state", state);
    node.put("problem", problem.orElse(null));
    node.put("max_lag_millis", config.cutover().maxLag().toMillis());
    node.put("sequence_headroom", config.cutover().sequenceHeadroom());
  }

  /** One word for how it stands. */
  private static String state(StatusReport report) {
    if (ENDS.contains(report.phase())) {
      return "done";
    }
    boolean failed =
        report.steps().stream().anyMatch(step -> step.status() == StepLog.Status.FAILED);
    if (!report.running()) {
      return failed ? "failed" : "stopped";
    }
    return report.phase().equals("ready") ? "ready" : "running";
  }

  private List<Point> checklist(StatusReport report, Figures figures) {
    if (!config.type().replicates() || isMoved(report)) {
      return List.of();
    }
    return List.of(
        loaded(report, figures.load()),
        lag(figures.lagMillis()),
        validated(report),
        inSync(report));
  }

  private Point loaded(StatusReport report, Load load) {
    boolean met =
        !config.type().loads() || (load.copied() == load.tables() && isDone(report, "load"));
    return new Point(
        "load",
        "Full load is 100 % complete",
        met,
        config.type().loads()
            ? "%,d of %,d tables".formatted(load.copied(), load.tables())
            : "The target held the rows already");
  }

  private Point lag(long millis) {
    long most = config.cutover().maxLag().toMillis();
    return new Point(
        "lag",
        "Latency is under " + seconds(most),
        millis >= 0 && millis < most,
        millis < 0 ? "Not known" : seconds(millis));
  }

  private static String seconds(long millis) {
    return millis % 1000 == 0
        ? millis / 1000 + " s"
        : "%.1f s".formatted(Math.ceil(millis / 100.0) / 10);
  }

  /** Passed is said only of rows as they are now; what changed since is proven in the cutover. */
  private static Point validated(StatusReport report) {
    ProofSummary proofs = ProofSummary.of(report.proofs());
    boolean met = isDone(report, "validation") && proofs.complete();
    String title =
        met && !proofs.current() ? "Validation passed, but for changes since" : "Validation passed";
    return new Point("validation", title, met, proofs.text());
  }

  private static Point inSync(StatusReport report) {
    boolean lost = report.replication().filter(r -> r.walStatus().equals("lost")).isPresent();
    boolean met =
        report.running()
            && report.phase().equals("ready")
            && report.schemaChange().isEmpty()
            && !lost;
    String why =
        !report.running()
            ? "No process replicates"
            : report.schemaChange().isPresent()
                ? "A schema change waits"
                : lost
                    ? "The slot was invalidated"
                    : report.phase().equals("ready") ? "Replicating" : "In step " + report.phase();
    return new Point("sync", "Source and target are in sync", met, why);
  }

  /** Whether the target is the database. */
  private static boolean isMoved(StatusReport report) {
    return report.phase().equals("cut-over") || report.phase().equals("finish");
  }

  private static boolean isDone(StatusReport report, String step) {
    return report.steps().stream()
        .anyMatch(s -> s.name().equals(step) && s.status() == StepLog.Status.DONE);
  }

  private static List<Action> actions(StatusReport report) {
    return RequestDesk.kinds().stream()
        .map(
            kind -> {
              Optional<String> obstacle = RequestDesk.obstacle(kind, report);
              return new Action(kind.label(), obstacle.isEmpty(), obstacle.orElse(""));
            })
        // The way back is shown once there is one, and the way there as long as it was not gone.
        .filter(
            action -> action.offered() || !(isMoved(report) || action.kind().equals("rollback")))
        .toList();
  }

  private static JsonMapper mapper() {
    JsonMapper mapper = ReportJson.mapper().copy();
    mapper.addMixIn(StatusReport.class, WithoutLists.class);
    return mapper;
  }
}
