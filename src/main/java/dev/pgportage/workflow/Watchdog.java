package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Safety;
import dev.pgportage.telemetry.Event;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sees to it that no attempt hangs: tells what a standstill waits for, and cuts the attempt's
 * sessions when it lasts too long, when its network is dead, or when somebody who asked to stop
 * would have to wait. Owns a thread.
 *
 * <p>A server that works on something of ours is no standstill, however long it takes.
 */
final class Watchdog implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration GRACE = Duration.ofSeconds(3);
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(15);

  /** The share of a processor from which on this process computes, rather than waits and polls. */
  private static final double BUSY = 0.1;

  /** After so long even the ledger's session has been waited for enough. */
  private static final Duration LAST = Duration.ofSeconds(5);

  private static final Set<String> KEPT_TO_THE_END = Set.of("lease", "fence", "status", "watch");

  /** Without these nothing can be put right any more; and none of them is ever waited for. */
  static final Set<String> KEPT = Set.of("lease", "control", "fence", "status", "watch");

  private final Databases databases;
  private final Supervision run;
  private final Safety limits;
  private final Thread worker = Thread.currentThread();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().name("watchdog").daemon().unstarted(this::watch);

  private long cutAt;
  private ProcessTime busy = ProcessTime.now();
  private Duration tellAt;
  private boolean told;
  private boolean cut;

  private Watchdog(Databases databases, Supervision run, Safety limits) {
    this.databases = databases;
    this.run = run;
    this.limits = limits;
    this.tellAt = limits.stallAfter();
  }

  /** Watches over what the calling thread does from now on. */
  static Watchdog over(Databases databases, Supervision run, Safety limits) {
    var watchdog = new Watchdog(databases, run, limits);
    watchdog.thread.start();
    return watchdog;
  }

  private void watch() {
    try {
      while (!closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (cut) {
          cutAgain();
        } else {
          hurry();
          judgeTime();
          judgeProgress();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whoever asked to stop does not wait for a statement's end. */
  private void hurry() {
    if (run.stop().since().filter(since -> since.compareTo(GRACE) > 0).isPresent()) {
      cut(new MigrationException(ErrorCode.INTERRUPTED, "The migration was stopped"));
      if (run.step().filter(s -> s.position() > StepName.SCHEMA.position()).isEmpty()) {
        // It may wait for pg_dump.
        worker.interrupt();
      }
    }
  }

  private void judgeTime() {
    StepPolicy.of(run.step())
        .timeout()
        .filter(timeout -> run.inStep().compareTo(timeout) > 0)
        .ifPresent(
            timeout ->
                cut(
                    new MigrationException(
                        ErrorCode.STALLED,
                        "Step "
                            + label()
                            + " has taken longer than "
                            + timeout.toMinutes()
                            + " min. "
                            + diagnosis().text())));
  }

  private void judgeProgress() {
    Duration idle = run.recorder().idle();
    if (idle.compareTo(limits.stallAfter()) < 0) {
      busy = ProcessTime.now();
      goesOn();
      return;
    }
    if (cut || idle.compareTo(tellAt) < 0) {
      return;
    }
    StallDiagnosis found = diagnosis();
    if (found.working()) {
      run.recorder().progress();
      goesOn();
      return;
    }
    String text = "No progress in " + label() + " for " + idle.toSeconds() + " s. " + found.text();
    run.recorder().event(Event.warning(told ? "stall.lasts" : "stall.begun", text));
    told = true;
    tellAt = sooner(idle.multipliedBy(2), idle.plus(LONGEST_SILENCE), limits.stallLimit());
    if (idle.compareTo(limits.stallLimit()) >= 0) {
      cut(new MigrationException(ErrorCode.STALLED, text));
    } else if (!found.blocked()
        && busy.shareSince() < BUSY
        && idle.compareTo(limits.stallAfter().multipliedBy(2)) >= 0) {
      cut(
          new MigrationException(
              ErrorCode.CONNECTION_LOST,
              "No answer for " + idle.toSeconds() + " s, and nothing is waited for: " + text));
    }
  }

  private static Duration sooner(Duration doubled, Duration later, Duration limit) {
    Duration next = doubled.compareTo(later) < 0 ? doubled : later;
    return next.compareTo(limit) < 0 ? next : limit;
  }

  private void goesOn() {
    if (told) {
      run.recorder().event(Event.info("stall.ended", "It goes on in " + label()));
    }
    told = false;
    tellAt = limits.stallAfter();
  }

  private StallDiagnosis diagnosis() {
    StallDiagnosis source = StallDiagnosis.of(databases.source());
    StallDiagnosis target = StallDiagnosis.of(databases.target());
    return new StallDiagnosis(
        source.reached() && target.reached(),
        source.working() || target.working(),
        source.blocked() || target.blocked(),
        target.blocked() && !source.blocked()
            ? target.text() + ". " + source.text()
            : source.text() + ". " + target.text());
  }

  private String label() {
    return run.step().map(step -> "step " + step.label()).orElse("connecting");
  }

  /** Whoever opened another session meanwhile is to see the end, too; at last the ledger's. */
  private void cutAgain() {
    boolean last = System.nanoTime() - cutAt > LAST.toNanos();
    databases.cut(purpose -> last ? !KEPT_TO_THE_END.contains(purpose) : !KEPT.contains(purpose));
    if (last && run.step().filter(StepName::isOfCutover).isEmpty()) {
      worker.interrupt();
    }
  }

  private void cut(MigrationException reason) {
    cut = true;
    cutAt = System.nanoTime();
    run.condemn(reason);
    databases.cut(purpose -> !KEPT.contains(purpose));
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
