package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Side;
import dev.pgportage.schema.Table;
import dev.pgportage.spread.ChunkExecutor;
import dev.pgportage.state.PartRead;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The comparison of all rows of two snapshots, table by table, several at once.
 *
 * <p>Two rows are equal if PostgreSQL prints every column of them, generated ones included, as the
 * same bytes: 1.0 and 1.00 differ, and so do 0 and -0, NULL and an empty text, arrays with other
 * bounds, json with other spaces, char(n) with other padding. Nothing is rounded, trimmed or left
 * out, and no type needs an equality of its own. Rows are told apart by their key's printed text;
 * those of a table without a key are compared as a multiset.
 *
 * <p>Each side reads each table once. The rows are hashed there (MD5, 128 bits) and summed up in
 * two 64-bit sums per bucket of keys; only the rows of differing buckets are read again, one by
 * one. Only keys and digests leave the servers. Both servers must have the same byte order.
 *
 * <p>Thread-safe; a validator compares once. Locks on a table last only while it is compared.
 */
public final class Validator {
  private static final Progress.Reading NOTHING = new Progress.Reading(0, 0, 0, 0, 0);

  private final ExportedSnapshot source;
  private final ExportedSnapshot target;
  private final Options options;
  private final Monitor monitor;

  /**
   * How to compare.
   *
   * @param workers how many tables at once; each takes a session on either side
   * @param listed how many differences of a table are listed at most; all are counted
   * @param at the LSN both snapshots show, for the results; empty for a source that stood still
   * @param maxRate how many bytes of tables each side reads in a second at most; 0 for no limit
   * @param elsewhere sums up whole tables on other machines, if there are any; never with a limit
   *     of bytes
   * @param chunkBytes about how much of a table is summed up at once there
   */
  public record Options(
      int workers,
      int listed,
      Optional<Lsn> at,
      long maxRate,
      Optional<ChunkExecutor> elsewhere,
      long chunkBytes) {
    private static final long USUAL_CHUNK = 256L << 20;

    /** As fast as the servers read. */
    public Options(int workers, int listed, Optional<Lsn> at) {
      this(workers, listed, at, 0);
    }

    /** In this process. */
    public Options(int workers, int listed, Optional<Lsn> at, long maxRate) {
      this(workers, listed, at, maxRate, Optional.empty(), USUAL_CHUNK);
    }

    /** The same with whole tables summed up elsewhere. */
    public Options with(Optional<ChunkExecutor> executor, long bytes) {
      return new Options(workers, listed, at, maxRate, executor, bytes);
    }

    /** Checks the numbers. */
    public Options {
      if (workers < 1 || listed < 0 || maxRate < 0) {
        throw new IllegalArgumentException("At least one worker, and no fewer than 0 listed");
      }
    }
  }

  /** A comparison of two snapshots; the caller keeps them open. */
  public Validator(
      ExportedSnapshot source, ExportedSnapshot target, Options options, Monitor monitor) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.monitor = monitor;
  }

  /**
   * Compares tables, the largest first, and waits for all.
   *
   * @param finished told each table's comparison as soon as it is done, one at a time, from any of
   *     the workers' threads; if it throws, the validation fails
   * @return one comparison per table, in the tables' order
   * @throws MigrationException VALIDATION_FAILED if a table cannot be compared, which is not a
   *     difference; TABLE_REWRITTEN if it was truncated meanwhile; SNAPSHOT_LOST; INTERRUPTED
   */
  public List<Comparison> compare(List<Table> tables, Consumer<Comparison> finished) {
    return compareSome(
        tables.stream().map(Subject::whole).toList(),
        new Observer() {
          @Override
          public void finished(Comparison comparison) {
            finished.accept(comparison);
          }
        });
  }

  /** Is told how a validation goes: from any of the workers' threads, one at a time. */
  public interface Observer {
    /** A table is about to be read. */
    default void started(Subject subject) {}

    /** Whether nothing is to be read at the moment: asked where {@link #started} cannot wait. */
    default boolean held() {
      return false;
    }

    /** It is compared. If this throws, the validation fails. */
    void finished(Comparison comparison);

    /** What of a side of it was read before, if no row of it has been written since. */
    default Optional<PartRead> readBefore(Subject subject, Side side) {
      return Optional.empty();
    }

    /** So much of it is read that another comparison can go on from there. */
    default void read(Subject subject, PartRead part) {}

    /**
     * It got on.
     *
     * @param now how far it is
     */
    default void moved(Subject subject, Progress.Reading now) {}
  }

  /**
   * Compares tables or some of their rows, as {@link #compare} does.
   *
   * @param subjects at most one per table
   */
  public List<Comparison> compareSome(List<Subject> subjects, Observer observer) {
    return new Work(subjects, observer).run();
  }

  /**
   * Compares all large objects by their OIDs and contents.
   *
   * @return as of a table named pg_catalog.pg_largeobject with the key {@code oid}
   */
  public Comparison compareLargeObjects() {
    try (SessionPair sessions = SessionPair.open(source, target, "validate-lo")) {
      return new LargeObjectComparer(sessions, hash(sessions), options).compare();
    }
  }

  private static HashFunction hash(SessionPair sessions) {
    var abilities = sessions.ask("Comparing both sides", HashFunction.Ability::of);
    return HashFunction.common(abilities.source(), abilities.target());
  }

  /** One validation under way. */
  private final class Work implements Course.Watcher {
    private final TableComparer.Paces paces =
        new TableComparer.Paces(new Pace(options.maxRate()), new Pace(options.maxRate()));
    private final List<Subject> subjects;
    private final Observer observer;
    private final ConcurrentLinkedQueue<Subject> waiting;
    private final Progress progress;
    private final IdentityHashMap<Subject, Progress.Reading> underWay = new IdentityHashMap<>();
    private final Collection<SessionPair> open = new ConcurrentLinkedQueue<>();
    private final List<Comparison> done = new ArrayList<>();
    private final AtomicInteger workers = new AtomicInteger();
    private volatile boolean cancelled;

    Work(List<Subject> subjects, Observer observer) {
      this.subjects = subjects;
      this.observer = observer;
      this.waiting =
          new ConcurrentLinkedQueue<>(
              subjects.stream()
                  .sorted(Comparator.comparingLong(Subject::estimatedBytes).reversed())
                  .toList());
      this.progress =
          new Progress(
              subjects.stream().mapToLong(Subject::estimatedRows).sum(),
              subjects.stream().mapToLong(Subject::estimatedBytes).sum());
    }

    List<Comparison> run() {
      options.elsewhere().ifPresent(this::elsewhere);
      int count = Math.min(options.workers(), waiting.size());
      try (var threads =
          Executors.newFixedThreadPool(
              Math.max(1, count),
              task -> new Thread(task, "validate-" + workers.incrementAndGet()))) {
        var all = new CompletableFuture<?>[count];
        for (int i = 0; i < count; i++) {
          String name = "validate-" + (i + 1);
          all[i] = CompletableFuture.runAsync(() -> worker(name), threads);
        }
        await(CompletableFuture.allOf(all), List.of(all));
      }
      return inOrder();
    }

    /** Takes from what waits the tables that are equal by sums made on other machines. */
    private void elsewhere(ChunkExecutor executor) {
      List<Subject> whole =
          waiting.stream().filter(s -> s.portion() instanceof Portion.Whole).toList();
      long bytes = whole.stream().mapToLong(Subject::estimatedBytes).sum();
      if (options.maxRate() > 0 || bytes <= options.chunkBytes()) {
        return;
      }
      HashFunction hash;
      try (SessionPair sessions = SessionPair.open(source, target, "validate-0")) {
        hash = hash(sessions);
      }
      waiting.removeIf(subject -> subject.portion() instanceof Portion.Whole);
      waiting.addAll(
          new SpreadComparison(source, target, options, hash)
              .run(whole, executor, observer, this::finish));
    }

    private void await(CompletableFuture<?> all, List<CompletableFuture<?>> each) {
      try {
        all.get();
      } catch (ExecutionException e) {
        throw failure(e);
      } catch (InterruptedException e) {
        var interrupted = new MigrationException(ErrorCode.INTERRUPTED, "Validation interrupted");
        cancel(interrupted);
        each.forEach(future -> future.handle((_, _) -> Boolean.TRUE).join());
        Thread.currentThread().interrupt();
        throw interrupted;
      }
    }

    private MigrationException failure(ExecutionException failed) {
      return failed.getCause() instanceof MigrationException known
          ? known
          : new MigrationException(ErrorCode.INTERNAL, "Validation failed", failed);
    }

    private void worker(String name) {
      try (SessionPair sessions = SessionPair.open(source, target, name)) {
        open.add(sessions);
        var comparer = new TableComparer(sessions, hash(sessions), options, paces);
        Subject subject;
        while (!cancelled && (subject = waiting.poll()) != null) {
          start(subject);
          finish(subject, comparer.compare(subject, new Course(subject, this)));
        }
      } catch (MigrationException e) {
        cancel(e);
        throw e;
      } catch (RuntimeException e) {
        cancel(new MigrationException(ErrorCode.INTERNAL, "Validation failed", e));
        throw e;
      }
    }

    private synchronized void start(Subject subject) {
      observer.started(subject);
    }

    private synchronized void finish(Subject subject, Comparison comparison) {
      done.add(comparison);
      moved(subject, 1, comparison.result().sourceRows());
      observer.finished(comparison);
    }

    @Override
    public synchronized Optional<PartRead> before(Subject subject, Side side) {
      return observer.readBefore(subject, side);
    }

    @Override
    public synchronized void keep(Subject subject, PartRead part) {
      observer.read(subject, part);
    }

    @Override
    public synchronized void moved(Subject subject, double share, long rows) {
      long bytes = (long) (share * subject.estimatedBytes());
      var now =
          new Progress.Reading(rows, subject.estimatedRows(), bytes, subject.estimatedBytes(), 0);
      Progress.Reading before = underWay.getOrDefault(subject, NOTHING);
      underWay.put(subject, now);
      progress.addRows(rows - before.rows());
      progress.addBytes(bytes - before.bytes());
      observer.moved(subject, now);
      monitor.validating(subject.table().name(), now, progress.read());
    }

    private void cancel(MigrationException reason) {
      cancelled = true;
      open.forEach(sessions -> sessions.cancel(reason));
    }

    private List<Comparison> inOrder() {
      var byName =
          done.stream().collect(Collectors.toMap(c -> c.result().table(), Function.identity()));
      return subjects.stream()
          .map(subject -> Objects.requireNonNull(byName.get(subject.table().name())))
          .toList();
    }
  }
}
