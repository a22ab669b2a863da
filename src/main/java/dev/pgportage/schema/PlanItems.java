package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.SchemaItem.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects the items of a plan and numbers them. */
final class PlanItems {
  private final List<SchemaItem> items = new ArrayList<>();

  void add(TocEntry entry, Optional<QualifiedName> table, Verdict verdict) {
    add(entry.kind(), entry.displayName(), table, verdict);
  }

  void add(String kind, String name, Optional<QualifiedName> table, Verdict verdict) {
    items.add(
        new SchemaItem(
            items.size() + 1,
            kind,
            name,
            table,
            verdict.decision(),
            verdict.stage(),
            verdict.reason(),
            verdict.sql()));
  }

  List<SchemaItem> all() {
    return List.copyOf(items);
  }

  /** What a user must know of the source although pg_dump does not write it. */
  void addWhatNoArchiveHolds(SourceFacts source, boolean largeObjects) {
    for (QualifiedName hidden : source.hidden()) {
      add(
          "TABLE",
          hidden.toString(),
          Optional.of(hidden),
          Verdict.leaveOut("is outside of the filters"));
    }
    for (String subscription : source.subscriptions()) {
      add(
          "SUBSCRIPTION",
          subscription,
          Optional.empty(),
          Verdict.leaveOut("feeds the source; subscribe the target yourself after the cutover"));
    }
    if (source.largeObjects() > 0) {
      add(
          "LARGE OBJECTS",
          source.largeObjects() + " objects",
          Optional.empty(),
          largeObjects
              ? Verdict.defer(Stage.AFTER, "are copied with the rows and again at cutover", "")
              : Verdict.leaveOut("are not carried by this migration"));
    }
  }
}
