package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.Touched;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.state.Repairs;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Subject;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What is proven, and so what is left to prove: a table's rows that have rested since its proof are
 * equal still, because nothing but the stream's changes, whose keys are kept, comes to either side.
 *
 * <p>Proofs of former processes count where no change was noted since: a change is noted in the
 * transaction that makes it. Which rows it touched is not known any more then. Thread-safe.
 */
final class Proofs {
  private final Optional<Replication> replication;
  private final Optional<Session> session;
  private final Set<UUID> takenBack = new HashSet<>();
  private final Map<QualifiedName, Known> proven = new ConcurrentHashMap<>();

  /**
   * A table's proof.
   *
   * @param at up to where
   * @param rows how many rows it had when all of it was last read
   */
  private record Known(Lsn at, long rows) {}

  private Proofs(Optional<Replication> replication, Optional<Session> session) {
    this.replication = replication;
    this.session = session;
  }

  /** None: nothing is replicated, so each comparison is one by itself. */
  static Proofs none() {
    return new Proofs(Optional.empty(), Optional.empty());
  }

  /** None yet, and those that this replication will make possible. */
  static Proofs fresh(Replication replication) {
    return new Proofs(Optional.of(replication), Optional.empty());
  }

  /** Those in the state, and those that this replication will make possible. */
  static Proofs read(Session session, Replication replication) throws SQLException {
    var proofs = new Proofs(Optional.of(replication), Optional.of(session));
    // What is taken back by now, the state has no proof of.
    proofs.takenBack.addAll(
        new Repairs(session.config().name()).takenBack(session.control()).keySet());
    for (ValidationResults.Proof proof : session.results().proofs(session.control())) {
      // Before its start the replication knows no change; but none is noted either.
      proof
          .holdsAt()
          .map(at -> Lsn.max(at, replication.start()))
          .ifPresent(
              at ->
                  proofs.proven.put(
                      proof.result().table(), new Known(at, proof.result().sourceRows())));
    }
    return proofs;
  }

  /** A table is proven equal at an LSN, by reading all of it. */
  void add(QualifiedName table, Lsn at, long rows) {
    proven.put(table, new Known(at, rows));
    replication.ifPresent(r -> r.forgetTouched(table, at));
  }

  /** A proven table is proven up to a later LSN, by reading what changed. */
  void extend(QualifiedName table, Lsn at) {
    proven.computeIfPresent(table, (_, known) -> new Known(at, known.rows));
    replication.ifPresent(r -> r.forgetTouched(table, at));
  }

  /** A table is not equal. */
  void remove(QualifiedName table) {
    proven.remove(table);
  }

  /** What of some tables is left to prove. */
  List<Subject> unproven(Collection<Table> tables) {
    session.ifPresent(this::forgetTakenBack);
    return tables.stream().map(this::unproven).flatMap(Optional::stream).toList();
  }

  /** What is left to prove behind the fence: of tables that are copied there, everything. */
  List<Subject> behindFence(ObjectSet objects) {
    return Stream.concat(
            unproven(objects.streamed()).stream(), objects.recopied().stream().map(Subject::whole))
        .toList();
  }

  /** A repair that somebody takes back changes rows, and no stream tells it. */
  private void forgetTakenBack(Session known) {
    try {
      new Repairs(known.config().name())
          .takenBack(known.control())
          .forEach(
              (repair, tables) -> {
                if (takenBack.add(repair)) {
                  tables.forEach(proven::remove);
                }
              });
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Looking for repairs taken back");
    }
  }

  private Optional<Subject> unproven(Table table) {
    Known known = proven.get(table.name());
    if (known == null) {
      return Optional.of(Subject.whole(table));
    }
    return switch (touchedSince(table, known.at)) {
      case Touched.Nothing() -> Optional.empty();
      case Touched.Rows(List<List<String>> keys) ->
          Optional.of(Subject.rows(table, known.rows, keys));
      case Touched.Everything() -> Optional.of(Subject.whole(table));
    };
  }

  private Touched touchedSince(Table table, Lsn at) {
    return replication
        .map(r -> r.touchedSince(table.name(), at))
        .orElseGet(Touched.Everything::new);
  }
}
