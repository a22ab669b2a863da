package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Sequences;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Catalog;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSet.Member;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.schema.Sequence;
import dev.pgportage.schema.Table;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.validation.Comparison;
import dev.pgportage.validation.Validator;
import dev.pgportage.workflow.ContentReport.Moment;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares the rows and sequences of two databases, migration or not; writes nothing. Its sessions
 * are named unlike a migration's, so that no process taking over a lease ends them.
 */
final class ContentComparing {
  private static final String APPLICATION = "pgportage-compare";
  private static final int LISTED = 20;

  private final MigrationConfig config;
  private final Monitor monitor;
  private final StopSignal stop;
  private final Database source;
  private final Database target;

  ContentComparing(MigrationConfig config, Monitor monitor, StopSignal stop) {
    this.config = config;
    this.monitor = monitor;
    this.stop = stop;
    source = new Database(config.source(), APPLICATION);
    target = new Database(config.target(), APPLICATION);
  }

  ContentReport run() throws SQLException {
    try (Connection ofSource = source.open("catalog");
        Connection ofTarget = target.open("catalog")) {
      ObjectSet wanted =
          ObjectSets.resolve(
              CatalogReader.read(ofSource), config.filters(), config.filters().isEmpty());
      Catalog found = CatalogReader.read(ofTarget);
      var sides = Sides.of(wanted, found, config.filters().isEmpty());
      var rows = compare(sides.comparable(), wanted.largeObjects());
      return new ContentReport(
          rows.source(),
          rows.target(),
          rows.tables(),
          sides.missing(),
          sides.extra(),
          sides.otherColumns(),
          sides.sequences().size(),
          sides.missingSequences(),
          Sequences.differing(ofSource, ofTarget, sides.sequences()));
    } catch (MigrationException e) {
      throw e.code() == ErrorCode.INTERRUPTED
          ? new MigrationException(
              e.code(), "The comparison was stopped", "Run it again: it begins anew.", e)
          : e;
    }
  }

  /** The rows of both sides, and when they were read. */
  private record Rows(Moment source, Moment target, List<Comparison> tables) {}

  private Rows compare(List<Table> tables, boolean largeObjects) {
    try (var ofSource = ExportedSnapshot.take(source);
        var ofTarget = ExportedSnapshot.take(target)) {
      var sourceMoment = new Moment(ofSource.snapshot().consistentPoint(), ofSource.takenAt());
      var targetMoment = new Moment(ofTarget.snapshot().consistentPoint(), ofTarget.takenAt());
      var options = new Validator.Options(config.validation().workers(), LISTED, Optional.empty());
      var validator = new Validator(ofSource, ofTarget, options, monitor);
      var all = new ArrayList<Comparison>();
      stop.interrupting(() -> all.addAll(validator.compare(tables, _ -> {})));
      if (largeObjects) {
        Comparison objects = validator.compareLargeObjects();
        if (!objects.equal() || objects.result().sourceRows() > 0) {
          all.add(objects);
        }
      }
      return new Rows(sourceMoment, targetMoment, all);
    }
  }

  /** What can be compared, and what is on one side only. */
  private record Sides(
      List<Table> comparable,
      List<QualifiedName> missing,
      List<QualifiedName> extra,
      List<QualifiedName> otherColumns,
      List<Sequence> sequences,
      List<QualifiedName> missingSequences) {

    /**
     * Tells them apart.
     *
     * @param whole whether no filter narrows the source, so that what only the target has counts
     */
    static Sides of(ObjectSet wanted, Catalog found, boolean whole) {
      Map<QualifiedName, Table> there =
          found.tables().stream()
              .filter(Table::holdsRows)
              .collect(Collectors.toMap(Table::name, table -> table));
      var comparable = new ArrayList<Table>();
      var missing = new ArrayList<QualifiedName>();
      var otherColumns = new ArrayList<QualifiedName>();
      for (Member member : wanted.rowHolders()) {
        Table table = there.remove(member.name());
        if (table == null) {
          missing.add(member.name());
        } else if (types(table).equals(types(member.table()))) {
          comparable.add(member.table());
        } else {
          otherColumns.add(member.name());
        }
      }
      Set<QualifiedName> present =
          found.sequences().stream().map(Sequence::name).collect(Collectors.toSet());
      Map<Boolean, List<Sequence>> sequences =
          wanted.sequences().stream()
              .collect(Collectors.partitioningBy(s -> present.contains(s.name())));
      return new Sides(
          comparable,
          missing,
          whole ? there.keySet().stream().sorted().toList() : List.of(),
          otherColumns,
          sequences.getOrDefault(true, List.of()),
          sequences.getOrDefault(false, List.of()).stream().map(Sequence::name).toList());
    }

    private static Map<String, String> types(Table table) {
      return table.columns().stream().collect(Collectors.toMap(Column::name, Column::type));
    }
  }
}
