package dev.pgportage.flink;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Executor;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.SharedUrl;
import dev.pgportage.spread.Pool;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers in a session cluster of Apache Flink: a job that is submitted for a round and cancelled
 * after it. A job that is lost with its JobManager is submitted again. Used by one thread.
 */
public final class FlinkPool implements Pool {
  /** The job's main class, which is in the job's jar. */
  static final String MAIN = "dev.pgportage.job.ChunkJob";

  private static final Logger LOG = LoggerFactory.getLogger(FlinkPool.class);
  private static final String JAR = "pgportage-flink.jar";
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int MOST_SUBMISSIONS = 20;
  private static final int LOOKS_AT_END = 20;
  private static final long MOMENT_MILLIS = 250;

  private final MigrationConfig config;
  private final String url;
  private final Path jar;
  private final Monitor monitor;
  private Optional<FlinkRest> cluster = Optional.empty();
  private Optional<String> uploaded = Optional.empty();
  private Optional<String> job = Optional.empty();
  private long round;
  private int workers;
  private int submissions;
  private long looked;
  private long answered;

  private FlinkPool(MigrationConfig config, String url, Path jar, Monitor monitor) {
    this.config = config;
    this.url = url;
    this.jar = jar;
    this.monitor = monitor;
  }

  /** The workers that the settings name. */
  public static Pool of(MigrationConfig config, Executor.Flink settings, Monitor monitor) {
    return settings
        .url()
        .<Pool>map(
            url ->
                new FlinkPool(
                    config,
                    url,
                    settings.jar().map(Path::of).orElseGet(FlinkPool::besideProgram),
                    monitor))
        .orElseGet(Pool::keptByOthers);
  }

  private static Path besideProgram() {
    CodeSource source = FlinkPool.class.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI()).resolveSibling(JAR);
    } catch (URISyntaxException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Where this program lies is unknown", e);
    }
  }

  /** What the job of a migration is called in the cluster. */
  static String jobName(String migration) {
    return "pgportage " + migration;
  }

  @Override
  public void begin(long newRound, int most) {
    round = newRound;
    workers = most;
    submissions = 0;
    var rest = new FlinkRest(url);
    cluster = Optional.of(rest);
    // What a run that was killed left would only find its round closed.
    rest.running(jobName(config.name())).forEach(rest::cancel);
    uploaded = Optional.of(rest.upload(jar));
    submit(rest);
  }

  private void submit(FlinkRest rest) {
    submissions++;
    String id = rest.run(uploaded.orElseThrow(), MAIN, arguments());
    job = Optional.of(id);
    looked = System.nanoTime();
    answered = looked;
    monitor.event(
        Event.info(
            "cluster.submitted",
            "Flink job " + id + " does chunks with up to " + workers + " workers"));
  }

  private List<String> arguments() {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("--migration", config.name()));
    arguments.addAll(List.of("--source", SharedUrl.of(config.source())));
    arguments.addAll(List.of("--target", SharedUrl.of(config.target())));
    arguments.addAll(List.of("--round", Long.toString(round)));
    arguments.addAll(List.of("--workers", Integer.toString(workers)));
    return arguments;
  }

  @Override
  public void check() {
    FlinkRest rest = cluster.orElseThrow();
    if (System.nanoTime() - looked < BETWEEN_LOOKS.toNanos()) {
      return;
    }
    looked = System.nanoTime();
    try {
      Optional<String> state = rest.state(job.orElseThrow());
      answered = System.nanoTime();
      // A job may end right before the round is seen to be done.
      if (state.isEmpty()
          || (FlinkRest.ENDED.contains(state.get()) && !state.get().equals("FINISHED"))) {
        again(rest, state);
      }
    } catch (MigrationException e) {
      if (e.code() != ErrorCode.CLUSTER_UNREACHABLE
          || System.nanoTime() - answered > PATIENCE.toNanos()) {
        throw e;
      }
      LOG.debug("Asking Flink again: {}", e.what());
    }
  }

  private void again(FlinkRest rest, Optional<String> state) {
    String what =
        "Flink job "
            + job.orElseThrow()
            + state
                .map(s -> " is " + s + ": " + rest.failure(job.orElseThrow()))
                .orElse(" is not known to the cluster any more");
    if (submissions == MOST_SUBMISSIONS) {
      throw new MigrationException(ErrorCode.CLUSTER_FAILED, what);
    }
    monitor.event(Event.warning("cluster.job-lost", what + "; submitting it again"));
    // A JobManager that was started anew has forgotten the jar as well.
    uploaded = Optional.of(rest.upload(jar));
    submit(rest);
  }

  @Override
  public void end() {
    cluster.ifPresent(
        rest -> {
          try (rest) {
            job.ifPresent(id -> endJob(rest, id));
            uploaded.ifPresent(rest::remove);
          } catch (MigrationException e) {
            // The round is closed: workers that go on find nothing to do, and end.
            LOG.debug("Ending the job: {}", e.what());
          }
        });
    cluster = Optional.empty();
    uploaded = Optional.empty();
    job = Optional.empty();
  }

  /** The job sees that its round is closed, and ends by itself; if not, it is cancelled. */
  private static void endJob(FlinkRest rest, String id) {
    for (int i = 0; i < LOOKS_AT_END; i++) {
      if (rest.state(id).filter(state -> !FlinkRest.ENDED.contains(state)).isEmpty()) {
        return;
      }
      try {
        Thread.sleep(MOMENT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    rest.cancel(id);
  }
}
