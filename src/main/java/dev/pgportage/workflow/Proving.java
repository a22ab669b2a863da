package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Comparison.Extent;
import dev.pgportage.validation.Subject;
import dev.pgportage.validation.Validator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares tables of both sides in two snapshots that show the same moment, and keeps the results.
 */
final class Proving {
  private static final int LISTED = 20;

  private final Session session;
  private final Proofs proofs;
  private Pace pace;

  Proving(Session session, Proofs proofs) {
    this.session = session;
    this.proofs = proofs;
    this.pace = Pace.of(session);
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

  /** The same at another pace. */
  Proving at(Pace other) {
    var proving = new Proving(session, proofs);
    proving.pace = other;
    return proving;
  }

  /** Compares both sides as they are now: only where nobody writes. */
  ValidationReport quiet(List<Subject> subjects, Optional<Lsn> at) {
    if (subjects.isEmpty()) {
      return new ValidationReport(session.config().name(), at, List.of());
    }
    try (var source = ExportedSnapshot.take(session.source());
        var target = ExportedSnapshot.take(session.target())) {
      return compare(source, target, subjects, at);
    }
  }

  /** Compares two snapshots that show the same moment. */
  ValidationReport compare(
      ExportedSnapshot source, ExportedSnapshot target, List<Subject> subjects, Optional<Lsn> at) {
    var options = new Validator.Options(pace.workers(), LISTED, at, pace.maxRate());
    var validator = new Validator(source, target, options, session.monitor());
    try (Connection connection = session.state().open("results")) {
      return new ValidationReport(
          session.config().name(),
          at,
          validator.compareSome(subjects, new Keeping(connection, at)));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping results of the validation");
    }
  }

  /**
   * Compares what is copied again in the freeze: its changes are not replicated, so it may differ.
   *
   * @param largeObjects whether they are compared, too
   */
  List<Comparison> recopied(PointInTime<?> both, List<Subject> subjects, boolean largeObjects) {
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

    Keeping(Connection connection, Optional<Lsn> at) {
      this.connection = connection;
      this.at = at;
    }

    @Override
    public void started(Subject subject) {
      session.awaitGo();
      writing(() -> session.comparing().begin(connection, subject.table().name()));
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
      if (comparison.equal() && comparison.extent() == Extent.WHOLE) {
        at.ifPresent(lsn -> proofs.add(result.table(), lsn, result.sourceRows()));
      } else if (comparison.equal() && comparison.extent() == Extent.CHANGED_ROWS) {
        at.ifPresent(lsn -> proofs.extend(result.table(), lsn));
      }
    }

    private void keep(Comparison comparison) throws SQLException {
      session.comparing().end(connection, comparison.result().table());
      if (comparison.extent() == Extent.WHOLE) {
        session.results().save(connection, comparison.result());
      } else if (comparison.extent() == Extent.CHANGED_ROWS || !comparison.equal()) {
        session.results().savePart(connection, comparison.result());
      }
    }
  }

  private interface Writing {
    void run() throws SQLException;
  }

  private static void writing(Writing work) {
    try {
      work.run();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping a result of the validation");
    }
  }
}
