package dev.pgportage.workflow;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.state.PartRead;
import dev.pgportage.state.UnfinishedValidations;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What validations of the same scope leave for each other, so that one that was ended, or killed,
 * goes on where it was. Used by one thread at a time.
 *
 * <p>Only while rows flow from the source to the target: what flows back is noted elsewhere.
 */
final class Scope {
  private final Session session;
  private final Optional<String> name;
  private final UnfinishedValidations unfinished;
  private final Set<String> continued = new TreeSet<>();
  private Optional<Instant> begunAt = Optional.empty();

  private Scope(Session session, Optional<String> name) {
    this.session = session;
    this.name = session.source().side() == Side.SOURCE ? name : Optional.empty();
    this.unfinished = new UnfinishedValidations(session.config().name());
  }

  /** That of the proofs. */
  static Scope proofs(Session session) {
    return new Scope(session, Optional.of(UnfinishedValidations.PROOFS));
  }

  /** That of what somebody wants to have compared. */
  static Scope of(Session session, ValidationWish wish) {
    return wish.unproven() ? proofs(session) : new Scope(session, Optional.of(wish.scope()));
  }

  /** One of a comparison that is too short to go on with. */
  static Scope none(Session session) {
    return new Scope(session, Optional.empty());
  }

  /** Begins, or goes on with what is there. */
  void begin(Connection state, boolean anew) throws SQLException {
    if (name.isPresent()) {
      UnfinishedValidations.Begun begun = unfinished.begin(state, name.get(), anew);
      begunAt = Optional.of(begun.begunAt()).filter(_ -> begun.goesOn());
    }
  }

  /** The end. */
  void finish(Connection state) throws SQLException {
    if (name.isPresent()) {
      unfinished.finish(state, name.get());
    }
  }

  /** Tables that were equal and have not changed since; of the proofs, the results tell that. */
  List<ValidationResults.Result> kept(Connection state) throws SQLException {
    return isOfProofs() || name.isEmpty() ? List.of() : unfinished.kept(state, name.get());
  }

  /** A table was read to its end. */
  void finished(Connection state, ValidationResults.Result result, boolean isAllThatIsWanted)
      throws SQLException {
    if (!result.equal()) {
      unfinished.forget(state, result.table());
      return;
    }
    if (name.isEmpty()) {
      // What another scope has read of the table holds as long as the table does not change.
      return;
    }
    unfinished.dropParts(state, result.table());
    if (isAllThatIsWanted && !isOfProofs() && result.at().isPresent()) {
      unfinished.keep(state, name.get(), result);
    }
  }

  /** How far a side of a table was read. */
  Optional<PartRead> part(Connection state, QualifiedName table, Side side) throws SQLException {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<PartRead> part = unfinished.part(state, name.get(), table, side);
    if (part.isPresent() && continued.add(table.toString())) {
      session
          .monitor()
          .event(
              Event.info(
                  "validation.resumed",
                  "Goes on with "
                      + table
                      + " where a comparison ended before: it has not changed since"));
    }
    return part;
  }

  /** A side of a table is read so far. */
  void keep(Connection state, QualifiedName table, PartRead part, Lsn at) throws SQLException {
    if (name.isPresent()) {
      unfinished.keep(state, name.get(), table, part, at);
    }
  }

  /** What it goes on from; empty if it began now. */
  Optional<Resumed> resumed(List<ValidationResults.Result> kept) {
    return begunAt
        .filter(_ -> !kept.isEmpty() || !continued.isEmpty())
        .map(
            at ->
                new Resumed(
                    at,
                    kept.size(),
                    kept.stream().mapToLong(ValidationResults.Result::sourceRows).sum(),
                    List.copyOf(continued)));
  }

  private boolean isOfProofs() {
    return name.filter(UnfinishedValidations.PROOFS::equals).isPresent();
  }
}
