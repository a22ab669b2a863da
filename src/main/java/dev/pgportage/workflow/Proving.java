package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.spread.ChunkExecutor;
import dev.pgportage.state.ComparingTables;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.PartRead;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Progress;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Comparison.Extent;
import dev.pgportage.validation.Subject;
import dev.pgportage.validation.Validator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares tables of both sides in two snapshots that show the same moment, and keeps the results.
 */
final class Proving {
  private static final Logger LOG = LoggerFactory.getLogger(Proving.class);
  private static final int LISTED = 20;
  private static final long TELL_NANOS = 1_000_000_000L;

  private final Session session;
  private final Proofs proofs;
  private final Scope scope;
  private final Pace pace;

  /** One that leaves nothing for another to go on from, at the settings' pace. */
  Proving(Session session, Proofs proofs) {
    this(session, proofs, Scope.none(session), Pace.of(session));
  }

  Proving(Session session, Proofs proofs, Scope scope, Pace pace) {
    this.session = session;
    this.proofs = proofs;
    this.scope = scope;
    this.pace = pace;
  }

  /**
   * How fast tables are compared.
   *
   * @param workers how many at once
   * @param maxRate how many bytes each side reads in a second at most; 0 for no limit
   */
  record Pace(int workers, long maxRate) {
    /** As the settings say. */
    static Pace of(Session session) {
      var settings = session.config().validation();
      return new Pace(settings.workers(), settings.maxRate());
    }

    /** As somebody wants it, who may leave it to the settings. */
    Pace with(ValidationWish wish) {
      return new Pace(
          wish.workers() > 0 ? wish.workers() : workers, wish.maxRate().orElse(maxRate));
    }
  }

  /** Compares both sides as they are now: only where nobody writes. */
  ValidationReport quiet(List<Subject> subjects, Optional<Lsn> at) {
    if (subjects.isEmpty()) {
      return new ValidationReport(session.config().name(), at, List.of());
    }
    try (var source = ExportedSnapshot.take(session.source());
        var target = ExportedSnapshot.take(session.target())) {
      // Behind a fence nobody waits for workers to come.
      return compare(source, target, subjects, at, Optional.empty());
    }
  }

  /** Compares two snapshots that show the same moment. */
  ValidationReport compare(
      ExportedSnapshot source, ExportedSnapshot target, List<Subject> subjects, Optional<Lsn> at) {
    return compare(source, target, subjects, at, Elsewhere.of(session));
  }

  private ValidationReport compare(
      ExportedSnapshot source,
      ExportedSnapshot target,
      List<Subject> subjects,
      Optional<Lsn> at,
      Optional<ChunkExecutor> executor) {
    var options =
        new Validator.Options(pace.workers(), LISTED, at, pace.maxRate())
            .with(executor, session.config().load().chunkBytes());
    var validator = new Validator(source, target, options, session.monitor());
    try (Connection connection = session.state().open("results")) {
      var keeping = new Keeping(connection, at);
      List<Comparison> compared =
          keeping.around(subjects, () -> validator.compareSome(subjects, keeping));
      var moments =
          new ValidationReport.Moments(
              Optional.of(source.takenAt()), Optional.of(target.takenAt()));
      return new ValidationReport(session.config().name(), at, compared).readAt(moments);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping results of the validation");
    }
  }

  /**
   * Compares what is copied again in the freeze: its changes are not replicated, so it may differ.
   *
   * @param largeObjects whether they are compared, too
   */
  List<Comparison> recopied(BothSides<?> both, List<Subject> subjects, boolean largeObjects) {
    var options =
        new Validator.Options(pace.workers(), LISTED, Optional.of(both.at()), pace.maxRate());
    var validator = new Validator(both.source(), both.target(), options, session.monitor());
    try (Connection connection = session.state().open("results")) {
      var all =
          new ArrayList<>(
              validator.compareSome(
                  subjects,
                  comparison ->
                      writing(() -> session.results().save(connection, comparison.result()))));
      if (largeObjects) {
        Comparison objects = validator.compareLargeObjects();
        if (!objects.equal() || objects.result().sourceRows() > 0) {
          session.results().save(connection, objects.result());
          all.add(objects);
        }
      }
      return all;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping results of the validation");
    }
  }

  /** Keeps each result as soon as it is there. */
  private final class Keeping implements Validator.Observer {
    private final Connection connection;
    private final Optional<Lsn> at;
    private long toldAt = System.nanoTime();

    Keeping(Connection connection, Optional<Lsn> at) {
      this.connection = connection;
      this.at = at;
    }

    /** What is under way can be seen as long as this lasts. */
    List<Comparison> around(List<Subject> subjects, Supplier<List<Comparison>> work) {
      List<ComparingTables.Entry> planned =
          subjects.stream()
              .map(
                  s ->
                      ComparingTables.Entry.planned(
                          s.table().name(), s.estimatedRows(), s.estimatedBytes()))
              .toList();
      writing(() -> session.comparing().beginAll(connection, planned));
      try {
        return work.get();
      } finally {
        endAll();
      }
    }

    private void endAll() {
      try {
        session.comparing().endAll(connection);
      } catch (SQLException e) {
        // The next comparison begins with it; what failed is told by what was thrown.
        LOG.debug("Noting that a comparison is over: {}", e.getClass());
      }
    }

    @Override
    public Optional<PartRead> readBefore(Subject subject, Side side) {
      return at.isEmpty()
          ? Optional.empty()
          : reading(() -> scope.part(connection, subject.table().name(), side));
    }

    @Override
    public void read(Subject subject, PartRead part) {
      at.ifPresent(lsn -> writing(() -> scope.keep(connection, subject.table().name(), part, lsn)));
      CrashPoint.VALIDATION_AFTER_PART.pass();
    }

    @Override
    public void moved(Subject subject, Progress.Reading now) {
      if (System.nanoTime() - toldAt > TELL_NANOS) {
        toldAt = System.nanoTime();
        QualifiedName table = subject.table().name();
        writing(() -> session.comparing().moved(connection, table, now.rows(), now.bytes()));
      }
    }

    @Override
    public void started(Subject subject) {
      session.awaitGo();
      writing(() -> session.comparing().begin(connection, subject.table().name()));
    }

    @Override
    public boolean held() {
      return session.isHeldUp();
    }

    @Override
    public void finished(Comparison comparison) {
      ValidationResults.Result result = comparison.result();
      if (!comparison.equal()) {
        proofs.remove(result.table());
        session
            .monitor()
            .event(Event.warning("validation.difference", ValidationReport.describe(result)));
      }
      writing(() -> keep(comparison));
      // Only what is kept is proven, and only then may touched keys be forgotten.
      if (comparison.equal() && comparison.extent().isOfTable()) {
        at.ifPresent(lsn -> proofs.add(result.table(), lsn, result.sourceRows()));
      } else if (comparison.equal() && comparison.extent() == Extent.CHANGED_ROWS) {
        at.ifPresent(lsn -> proofs.extend(result.table(), lsn));
      }
      CrashPoint.VALIDATION_AFTER_TABLE.pass();
    }

    private void keep(Comparison comparison) throws SQLException {
      ValidationResults.Result result = comparison.result();
      session.comparing().end(connection, result.table(), result.sourceRows());
      scope.finished(connection, result, comparison.extent() != Extent.CHANGED_ROWS);
      if (comparison.extent().isOfTable()) {
        session.results().save(connection, result);
      } else if (comparison.extent() == Extent.CHANGED_ROWS || !comparison.equal()) {
        session.results().savePart(connection, result);
      }
    }
  }

  private static <T> T reading(Session.Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping a result of the validation");
    }
  }

  /** Work that has nothing to return. */
  interface Writing {
    void run() throws SQLException;
  }

  private static void writing(Writing work) {
    reading(
        () -> {
          work.run();
          return Replicating.Done.DONE;
        });
  }
}
