package dev.pgportage.workflow;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What the rounds of one validation come to. Not thread-safe. */
final class Gathered {
  private final Scope scope;
  private final List<Table> tables;
  private final Map<QualifiedName, Comparison> compared = new HashMap<>();
  private final List<ValidationResults.Result> kept = new ArrayList<>();
  private Optional<ValidationReport> first = Optional.empty();
  private List<Comparison> recopied = List.of();
  private long leftOut;

  Gathered(Scope scope, List<Table> tables) {
    this.scope = scope;
    this.tables = tables;
  }

  /** One round. */
  void add(ValidationReport report, Wanted wanted) {
    report.tables().forEach(one -> compared.put(one.result().table(), one));
    if (first.isEmpty()) {
      // What an earlier validation found is known from the first round on.
      first = Optional.of(report);
      kept.addAll(wanted.kept());
    }
    leftOut += wanted.leftOut();
  }

  void recopied(List<Comparison> others) {
    recopied = others;
  }

  /** All comparisons in the tables' order; when they were read is told as of the first round. */
  ValidationReport report() {
    kept.forEach(
        result ->
            tables.stream()
                .filter(table -> table.name().equals(result.table()))
                .forEach(
                    table ->
                        compared.putIfAbsent(table.name(), Comparison.earlier(result, table))));
    return first
        .orElseThrow()
        .of(
            tables.stream().map(Table::name).map(compared::get).filter(Objects::nonNull).toList(),
            leftOut,
            scope.resumed(kept))
        .withRecopied(recopied);
  }
}
