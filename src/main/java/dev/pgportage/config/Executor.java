package dev.pgportage.config;

import java.util.Optional;

/** Where chunks are copied, and summed up in proofs. */
public sealed interface Executor {
  /** In this process. */
  record Threads() implements Executor {}

  /**
   * In a cluster of Apache Flink.
   *
   * @param url the JobManager's REST address; empty where others keep workers running for this
   *     migration
   * @param jar the job's jar; empty for the one beside the program's own
   */
  record Flink(Optional<String> url, Optional<String> jar) implements Executor {}
}
