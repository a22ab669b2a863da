package dev.pgportage.config;

import java.util.List;

/** The keys of section {@code executor}. */
final class ExecutorKeys {
  /** What does chunks. */
  enum ExecutorKind {
    THREADS,
    FLINK
  }

  static final Setting<ExecutorKind> KIND =
      Setting.of(
          "executor.kind",
          Kind.word(ExecutorKind.class),
          "threads",
          "threads: chunks are copied and summed up by this process; flink: by workers in a cluster"
              + " of Apache Flink. load.workers and validation.workers then hold for the whole"
              + " cluster. See docs/scaling.md.");
  static final Setting<String> URL =
      Setting.absent(
          "executor.flink_url",
          Kind.text("http://host:8081 or https://host:port", "https?://[^\\s/?#]+(/[^\\s?#]*)?"),
          "workers kept by others",
          "REST address of the JobManager that the workers' job is submitted to, and cancelled when it"
              + " is done. Without it, a job that others keep does the chunks (application mode,"
              + " Kubernetes).");
  static final Setting<String> JAR =
      Setting.absent(
          "executor.flink_jar",
          Kind.text("a file of this machine", "(?s).+"),
          "pgportage-flink.jar beside pgportage.jar",
          "The job's jar, of the same version as this program.");

  static final List<Setting<?>> ALL = List.of(KIND, URL, JAR);

  private ExecutorKeys() {}

  static Executor read(SettingValues values) {
    var flink = new Executor.Flink(values.find(URL), values.find(JAR));
    return switch (values.get(KIND)) {
      case THREADS -> new Executor.Threads();
      case FLINK -> flink;
    };
  }
}
