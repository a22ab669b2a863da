package dev.pgportage.workflow;

import dev.pgportage.load.CopyRoute;
import dev.pgportage.load.FullLoad;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import dev.pgportage.state.TableState;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Snapshot;
import dev.pgportage.validation.Validator;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies again, behind the fence, what the WAL does not tell: only what differs. */
final class RecopyStep {
  private final Session session;
  private final Plan plan;

  RecopyStep(Session session, Plan plan) {
    this.session = session;
    this.plan = plan;
  }

  CutoverRun.Recopied run() throws SQLException {
    List<Table> differing = differing();
    if (!differing.isEmpty()) {
      copyAgain(differing);
    }
    return new CutoverRun.Recopied(
        differing.stream().map(table -> table.name().toString()).toList(), 0);
  }

  private List<Table> differing() {
    List<Table> tables = plan.objects().recopied();
    if (tables.isEmpty()) {
      return tables;
    }
    var options =
        new Validator.Options(session.config().validation().workers(), 0, Optional.empty());
    try (Snapshot source = Snapshot.take(session.source());
        Snapshot target = Snapshot.take(session.target())) {
      List<Comparison> all =
          new Validator(source, target, options, session.monitor()).compare(tables, _ -> {});
      return tables.stream().filter(table -> !all.get(tables.indexOf(table)).equal()).toList();
    }
  }

  /** A table whose ledger says that it was begun under another snapshot is emptied and loaded. */
  private void copyAgain(List<Table> tables) throws SQLException {
    Map<QualifiedName, TableState> states = session.loadLedger().tables(session.control());
    for (Table table : tables) {
      if (states.get(table.name()) instanceof TableState.Copied copied) {
        session.loadLedger().save(session.control(), table.name(), copied.recopying(Lsn.ZERO));
      }
    }
    var subset =
        new ObjectSet(
            tables.stream()
                .map(table -> new ObjectSet.Member(table, ObjectSet.Replication.RECOPIED))
                .toList(),
            List.of(),
            false);
    try (ExportedSnapshot snapshot = ExportedSnapshot.take(session.source())) {
      new FullLoad(
              new CopyRoute(session.source(), session.target(), session.replicaRole()),
              session.config().load(),
              session.loadLedger(),
              session.monitor())
          .run(subset, snapshot.snapshot(), _ -> {});
    }
  }

  Replicating.Done copyLargeObjects() {
    return Replicating.Done.DONE;
  }
}
