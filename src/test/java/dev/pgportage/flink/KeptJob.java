package dev.pgportage.flink;

import java.nio.file.Path;
import java.util.List;

/**
 * A job of workers that somebody else than the program keeps in a cluster; cancelled by closing.
 */
public final class KeptJob implements AutoCloseable {
  private final FlinkRest cluster;
  private final String jar;
  private final String job;

  private KeptJob(FlinkRest cluster, String jar, String job) {
    this.cluster = cluster;
    this.jar = jar;
    this.job = job;
  }

  /** Submits it. */
  public static KeptJob submit(String url, Path jar, List<String> arguments) {
    var cluster = new FlinkRest(url);
    String uploaded = cluster.upload(jar);
    return new KeptJob(cluster, uploaded, cluster.run(uploaded, FlinkPool.MAIN, arguments));
  }

  /** The job's state, such as RUNNING. */
  public String state() {
    return cluster.state(job).orElse("unknown");
  }

  @Override
  public void close() {
    cluster.cancel(job);
    cluster.remove(jar);
    cluster.close();
  }
}
