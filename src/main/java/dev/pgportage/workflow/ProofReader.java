package dev.pgportage.workflow;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ComparingTables;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults.Proof;
import dev.pgportage.workflow.TableProof.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads how far each table is proven, without taking part. What is planned for the tables is read
 * again only when it has changed. Not thread-safe.
 */
final class ProofReader {
  private final String migration;
  private String digest = "";
  private List<QualifiedName> holders = List.of();
  private Set<QualifiedName> copiedAgain = Set.of();

  ProofReader(String migration) {
    this.migration = migration;
  }

  /**
   * All tables that hold rows, in order of their names, and what else was compared.
   *
   * @param proofs the newest comparisons
   * @param compared the tables of the comparison that is under way
   */
  List<TableProof> read(Connection state, List<Proof> proofs, List<ComparingTables.Entry> compared)
      throws SQLException {
    readPlan(state);
    var names = new TreeSet<>(loaded(state));
    var recopied = new HashSet<>(copiedAgain);
    names.addAll(holders);
    Map<QualifiedName, Proof> known = new HashMap<>();
    for (Proof proof : proofs) {
      QualifiedName name = proof.result().table();
      known.put(name, proof);
      if (names.add(name)) {
        recopied.add(name);
      }
    }
    var comparing = new HashMap<QualifiedName, ComparingTables.Entry>();
    compared.stream()
        .filter(ComparingTables.Entry::isUnderWay)
        .forEach(entry -> comparing.put(entry.table(), entry));
    return names.stream()
        .map(
            name ->
                proof(
                    name,
                    Optional.ofNullable(known.get(name)),
                    Optional.ofNullable(comparing.get(name)),
                    recopied.contains(name)))
        .toList();
  }

  private List<QualifiedName> loaded(Connection state) throws SQLException {
    return Sql.query(
        state,
        "SELECT schema_name, table_name FROM pgportage.relation WHERE migration = ?",
        row -> new QualifiedName(row.getString(1), row.getString(2)),
        migration);
  }

  private void readPlan(Connection state) throws SQLException {
    new StepLog(migration)
        .left(state, StepName.ASSESS.label(), digest)
        .ifPresent(
            left -> {
              ObjectSet objects = Session.read(left.outcome(), Plan.class).objects();
              holders = objects.rowHolders().stream().map(ObjectSet.Member::name).toList();
              copiedAgain =
                  objects.recopied().stream().map(Table::name).collect(Collectors.toSet());
              digest = left.digest();
            });
  }

  private static TableProof proof(
      QualifiedName name,
      Optional<Proof> known,
      Optional<ComparingTables.Entry> comparing,
      boolean recopied) {
    State state = comparing.isPresent() ? State.COMPARING : state(known, recopied);
    return new TableProof(
        name.toString(),
        state,
        comparing.map(ProofReader::course).orElseGet(() -> meaning(state, known)),
        known.flatMap(Proof::provenAt).map(Lsn::toString),
        known.flatMap(Proof::changedAt).map(Lsn::toString),
        known.map(proof -> proof.result().finishedAt()));
  }

  private static State state(Optional<Proof> known, boolean recopied) {
    if (recopied) {
      return State.RECOPIED;
    }
    if (known.isEmpty()) {
      return State.NOT_COMPARED;
    }
    if (!known.get().result().equal()) {
      return State.DIFFERS;
    }
    return known.get().changedAt().isPresent() ? State.CHANGED : State.PROVEN;
  }

  private static String course(ComparingTables.Entry entry) {
    return entry.plannedBytes() == 0
        ? "being compared"
        : "being compared, %d %% read"
            .formatted(Math.min(100, 100 * entry.bytes() / entry.plannedBytes()));
  }

  private static String meaning(State state, Optional<Proof> known) {
    String proven = known.flatMap(Proof::provenAt).map(lsn -> " at " + lsn).orElse("");
    String changed = known.flatMap(Proof::changedAt).map(lsn -> " at " + lsn).orElse("");
    return switch (state) {
      case PROVEN -> "proven" + proven + ", not changed since";
      case CHANGED -> "proven" + proven + "; changed since" + changed;
      case DIFFERS ->
          "differs: "
              + known
                  .map(Proof::result)
                  .map(r -> counts(r.missing(), r.extra(), r.differing()))
                  .orElse("");
      case COMPARING -> "being compared";
      case NOT_COMPARED -> "not compared yet";
      case RECOPIED ->
          "copied again and proven in the freeze, because no stream tells its changes"
              + known
                  .map(proof -> proof.result().equal() ? "; was equal" + proven : "; has changed")
                  .orElse("");
    };
  }

  private static String counts(long missing, long extra, long differing) {
    return "%d missing, %d extra, %d differing".formatted(missing, extra, differing);
  }
}
