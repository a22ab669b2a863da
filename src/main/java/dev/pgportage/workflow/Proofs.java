package dev.pgportage.workflow;

import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.Touched;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Subject;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final Map<QualifiedName, Known> proven = new ConcurrentHashMap<>();

  /**
   * A table's proof.
   *
   * @param at up to where
   * @param rows how many rows it had when all of it was last read
   */
  private record Known(Lsn at, long rows) {}

  private Proofs(Optional<Replication> replication) {
    this.replication = replication;
  }

  /** None: nothing is replicated, so each comparison is one by itself. */
  static Proofs none() {
    return new Proofs(Optional.empty());
  }

  /** None yet, and those that this replication will make possible. */
  static Proofs fresh(Replication replication) {
    return new Proofs(Optional.of(replication));
  }

  /** Those in the state, and those that this replication will make possible. */
  static Proofs read(Session session, Replication replication) throws SQLException {
    var proofs = new Proofs(Optional.of(replication));
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
    return tables.stream().map(this::unproven).flatMap(Optional::stream).toList();
  }

  /** What is left to prove behind the fence: of tables that are copied there, everything. */
  List<Subject> behindFence(ObjectSet objects) {
    return Stream.concat(
            unproven(objects.streamed()).stream(), objects.recopied().stream().map(Subject::whole))
        .toList();
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
