package dev.pgportage.aws;

import dev.pgportage.aws.AwsStatus.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether a cutover could follow, by what AWS says. */
record Readiness(AwsStatus status, Duration maxLag) {
  /** Why it could not; nothing if it could. */
  List<String> reasons() {
    var reasons = new ArrayList<String>();
    status
        .workflow()
        .filter(execution -> execution.status().equals("RUNNING"))
        .ifPresent(
            execution ->
                reasons.add(
                    "the workflow still works towards READY, in the state "
                        + execution.state().orElse("unknown")));
    status
        .task()
        .ifPresentOrElse(
            task -> addTask(task, reasons), () -> reasons.add("the stack has no DMS task"));
    return reasons;
  }

  private void addTask(Task task, List<String> reasons) {
    if (!task.status().equals("running")) {
      reasons.add(
          "the DMS task is " + task.status() + task.stopReason().map(r -> ": " + r).orElse(""));
      return;
    }
    if (task.fullLoadPercent() < 100) {
      reasons.add("the full load is at " + task.fullLoadPercent() + " %");
    }
    addLatency("source", task.sourceLatencySeconds(), reasons);
    addLatency("target", task.targetLatencySeconds(), reasons);
    if (!task.wrong().isEmpty()) {
      reasons.add(
          "tables differ or have errors: "
              + String.join(
                  ", ", task.wrong().stream().map(t -> t.schema() + "." + t.name()).toList()));
    }
    long pending = task.validated("Pending records") + task.validated("Preparing table");
    if (pending > 0) {
      reasons.add("DMS still validates " + pending + " tables");
    }
  }

  private void addLatency(String side, Optional<Double> seconds, List<String> reasons) {
    if (seconds.isEmpty()) {
      reasons.add("the latency of the " + side + " is not known yet");
    } else if (seconds.get() > maxLag.toSeconds()) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "the latency of the %s is %.0f s, more than cutover.max_lag allows",
              side,
              seconds.get()));
    }
  }
}
