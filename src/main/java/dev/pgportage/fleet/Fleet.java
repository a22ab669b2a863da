package dev.pgportage.fleet;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.state.StepLog;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import dev.pgportage.workflow.StatusReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Migrations that run side by side in this process, each on a thread of its own. A failure ends the
 * migration it happens in, and no other.
 *
 * <p>{@link #stop()} may be called by any thread, the rest by one.
 */
public final class Fleet {
  private static final String LOADED = "load";
  private static final String READY_EVENT = "step.ready";

  private final List<Member> members;
  private final FleetMonitor monitor;
  private final Queue<Migration> running = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  /** A fleet of these migrations. */
  public Fleet(List<Member> members, FleetMonitor monitor) {
    this.members = FleetMemory.shared(members);
    this.monitor = monitor;
  }

  /** What is done with each migration. */
  @FunctionalInterface
  public interface Deed<T> extends Function<Migration, T> {}

  /**
   * Runs or resumes all migrations; returns when each has come to its end or failed.
   *
   * @param loading how many load at once; those that have loaded never wait
   */
  public List<MemberResult<Outcome>> migrate(Migration.Until until, int loading) {
    var turns = new Turns(loading);
    return all(members.size(), member -> result(member, () -> migrate(member, until, turns)));
  }

  private Outcome migrate(Member member, Migration.Until until, Turns turns) {
    MigrationConfig config = member.config();
    Turns.Turn turn = isLoaded(config) ? Turns.notNeeded() : turn(config.name(), turns);
    try (turn) {
      var watched = new EndOfLoad(monitor.of(config.name()), turn);
      return run(new Migration(config, watched), migration -> migration.migrate(until));
    }
  }

  private Turns.Turn turn(String name, Turns turns) {
    if (!turns.anyFree()) {
      monitor.waiting(name);
    }
    return turns.take(() -> stopped);
  }

  /** A slot holds back WAL: whoever has loaded replicates at once. */
  private static boolean isLoaded(MigrationConfig config) {
    try {
      return new Migration(config, Monitor.none())
          .status().steps().stream()
              .anyMatch(step -> step.name().equals(LOADED) && step.status() == StepLog.Status.DONE);
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.MIGRATION_UNKNOWN || e.code().retry() == ErrorCode.Retry.YES) {
        return false;
      }
      throw e;
    }
  }

  /** Reads where each migration stands. */
  public List<MemberResult<StatusReport>> status() {
    return each(Runtime.getRuntime().availableProcessors() * 2, Migration::status);
  }

  /**
   * Does something with each migration.
   *
   * @param atOnce with how many at the same time; 1 for one after the other, in their order
   */
  public <T> List<MemberResult<T>> each(int atOnce, Deed<T> deed) {
    return all(
        atOnce,
        member ->
            result(
                member,
                () ->
                    run(new Migration(member.config(), monitor.of(member.config().name())), deed)));
  }

  /** Asks everything that runs to end soon, at a point from which it can go on. Thread-safe. */
  public void stop() {
    stopped = true;
    running.forEach(Migration::stop);
  }

  private <T> T run(Migration migration, Deed<T> deed) {
    running.add(migration);
    try {
      if (stopped) {
        throw new MigrationException(ErrorCode.INTERRUPTED, "Stopped before it began");
      }
      return deed.apply(migration);
    } finally {
      running.remove(migration);
    }
  }

  /** Work on one migration. */
  @FunctionalInterface
  private interface Work<T> {
    T run();
  }

  private <T> MemberResult<T> result(Member member, Work<T> work) {
    String name = member.config().name();
    MemberResult<T> result;
    try {
      result = new MemberResult<>(name, member.group(), Optional.of(work.run()), Optional.empty());
    } catch (MigrationException e) {
      result = new MemberResult<>(name, member.group(), Optional.empty(), Optional.of(e));
    } catch (RuntimeException | OutOfMemoryError e) {
      var failure = new MigrationException(ErrorCode.INTERNAL, e.getClass().getName(), e);
      result = new MemberResult<>(name, member.group(), Optional.empty(), Optional.of(failure));
    }
    monitor.ended(result);
    return result;
  }

  private <T> List<MemberResult<T>> all(int atOnce, Function<Member, MemberResult<T>> work) {
    int threads = Math.max(1, Math.min(atOnce, members.size()));
    try (ExecutorService pool =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("fleet-", 1).factory())) {
      var futures = new ArrayList<Future<MemberResult<T>>>();
      for (Member member : members) {
        futures.add(pool.submit(() -> work.apply(member)));
      }
      var results = new ArrayList<MemberResult<T>>();
      for (Future<MemberResult<T>> future : futures) {
        results.add(await(future));
      }
      return List.copyOf(results);
    }
  }

  private <T> T await(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
          stop();
        } catch (ExecutionException e) {
          throw new MigrationException(
              ErrorCode.INTERNAL, "A migration's thread ended", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Gives the turn back when a migration is READY. */
  private static final class EndOfLoad extends ForwardingMonitor {
    private final Turns.Turn turn;

    EndOfLoad(Monitor next, Turns.Turn turn) {
      super(next);
      this.turn = turn;
    }

    @Override
    public void event(Event event) {
      super.event(event);
      if (event.kind().equals(READY_EVENT)) {
        turn.close();
      }
    }
  }
}
