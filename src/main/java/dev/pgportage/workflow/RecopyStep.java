package dev.pgportage.workflow;

import dev.pgportage.load.LargeObjects;
import dev.pgportage.load.Recopy;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.schema.Table;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Validator;
import java.util.List;
import java.util.Optional;

/** Copies again, behind the fence, what the WAL does not tell: only what differs. */
final class RecopyStep {
  private final Session session;
  private final Plan plan;

  RecopyStep(Session session, Plan plan) {
    this.session = session;
    this.plan = plan;
  }

  Freeze.Recopied run() {
    List<Table> differing = differing();
    var recopy = new Recopy(session.copyRoute(), session.loadLedger());
    differing.forEach(recopy::copy);
    return new Freeze.Recopied(
        differing.stream().map(table -> table.name().toString()).toList(), copyLargeObjects());
  }

  /** Makes the target's large objects equal to the source's; returns how many were touched. */
  long copyLargeObjects() {
    return plan.objects().largeObjects()
        ? new LargeObjects(session.copyRoute(), session.loadLedger()).copyDifferent()
        : 0;
  }

  private List<Table> differing() {
    List<Table> tables = plan.objects().recopied();
    if (tables.isEmpty()) {
      return tables;
    }
    var options =
        new Validator.Options(session.config().validation().workers(), 0, Optional.empty());
    try (var source = ExportedSnapshot.take(session.source());
        var target = ExportedSnapshot.take(session.target())) {
      List<Comparison> all =
          new Validator(source, target, options, session.monitor()).compare(tables, _ -> {});
      return tables.stream().filter(table -> !all.get(tables.indexOf(table)).equal()).toList();
    }
  }
}
