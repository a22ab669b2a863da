package dev.pgportage.workflow;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.ComparingTables;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.state.ValidationResults.Proof;
import dev.pgportage.workflow.TableProof.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Reads how far each table is proven, without taking part. */
final class ProofReader {
  private final Connection state;
  private final String migration;

  ProofReader(Connection state, String migration) {
    this.state = state;
    this.migration = migration;
  }

  /**
   * All tables that hold rows, in order of their names, and what else was compared.
   *
   * @param running whether a process runs the migration
   */
  List<TableProof> read(boolean running) throws SQLException {
    var names = new TreeSet<>(loaded());
    var recopied = new HashSet<QualifiedName>();
    objects()
        .ifPresent(
            plan -> {
              plan.objects().rowHolders().forEach(member -> names.add(member.name()));
              plan.objects().recopied().forEach(table -> recopied.add(table.name()));
            });
    Map<QualifiedName, Proof> proofs = new HashMap<>();
    for (Proof proof : new ValidationResults(migration).proofs(state)) {
      QualifiedName name = proof.result().table();
      proofs.put(name, proof);
      if (names.add(name)) {
        recopied.add(name);
      }
    }
    var comparing = new HashMap<QualifiedName, ComparingTables.Entry>();
    if (running) {
      ComparingTables.now(state, migration).stream()
          .filter(ComparingTables.Entry::isUnderWay)
          .forEach(entry -> comparing.put(entry.table(), entry));
    }
    return names.stream()
        .map(
            name ->
                proof(
                    name,
                    Optional.ofNullable(proofs.get(name)),
                    Optional.ofNullable(comparing.get(name)),
                    recopied.contains(name)))
        .toList();
  }

  private List<QualifiedName> loaded() throws SQLException {
    return Sql.query(
        state,
        "SELECT schema_name, table_name FROM pgportage.relation WHERE migration = ?",
        row -> new QualifiedName(row.getString(1), row.getString(2)),
        migration);
  }

  private Optional<Plan> objects() throws SQLException {
    return new StepLog(migration)
        .find(state, StepName.ASSESS.label())
        .flatMap(StepLog.Step::outcome)
        .map(json -> Session.read(json, Plan.class));
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
