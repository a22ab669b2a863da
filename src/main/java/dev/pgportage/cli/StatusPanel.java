package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.ReadingPace;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.StatusWatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a terminal shows of a running migration below its events, as {@code watch} shows it from
 * elsewhere: read from the state on a thread of its own, every second and never so often that it
 * takes more than one hundredth of a core. Thread-safe.
 */
final class StatusPanel implements AutoCloseable {
  private static final Duration BETWEEN_READINGS = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final StatusWatch watch;
  private final WatchText text;
  private final Style style;
  private final Thread thread = new Thread(this::run, "status-panel");
  private Optional<StatusReport> report = Optional.empty();
  private Optional<ErrorCode> problem = Optional.empty();
  private boolean ended;

  /** Reads from now on. */
  StatusPanel(MigrationConfig config, Style style) {
    watch = new StatusWatch(config);
    text = new WatchText(style, config.cutover().maxLag());
    this.style = style;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The lines as of now, each with its end cut off where the terminal's ends; none before the
   * migration begins, and none once its state was removed.
   *
   * @param live what this process knows sooner than the state
   */
  synchronized List<String> lines(Optional<String> live, Screen.Size room) {
    if (ended) {
      return List.of();
    }
    if (problem.isPresent()) {
      return List.of(style.yellow("The target does not answer: " + problem.get()));
    }
    return report.map(known -> text.panel(known, live, room)).orElse(List.of());
  }

  private void run() {
    var pace = new ReadingPace();
    try (watch) {
      while (!isEnded()) {
        pace.begin();
        read();
        Duration least = pace.end();
        Thread.sleep(least.compareTo(BETWEEN_READINGS) > 0 ? least : BETWEEN_READINGS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try {
      StatusReport fresh = watch.read();
      synchronized (this) {
        report = Optional.of(fresh);
        problem = Optional.empty();
      }
    } catch (MigrationException e) {
      synchronized (this) {
        boolean unknown = e.code() == ErrorCode.MIGRATION_UNKNOWN;
        ended = ended || (unknown && report.isPresent());
        problem = unknown ? Optional.empty() : Optional.of(e.code());
      }
    }
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  @Override
  public void close() {
    synchronized (this) {
      ended = true;
    }
    thread.interrupt();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
