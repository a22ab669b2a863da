package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet.Member;
import dev.pgportage.schema.ObjectSet.Replication;
import dev.pgportage.schema.Table.ReplicaIdentity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Resolves the filters into the one object set of a migration. */
public final class ObjectSets {
  private ObjectSets() {}

  /**
   * The tables and sequences that belong to the migration.
   *
   * <p>Patterns are matched against tables and against sequences no column owns. Partitions follow
   * their topmost table; an owned sequence, and one that a column's default calls, follows its
   * table.
   *
   * @param largeObjects whether large objects are carried too
   * @throws MigrationException CONFIG_INVALID if a pattern is none or matches nothing,
   *     NOTHING_SELECTED if no table is left
   */
  public static ObjectSet resolve(Catalog catalog, Filters filters, boolean largeObjects) {
    List<String> problems = problems(catalog, filters);
    if (!problems.isEmpty()) {
      throw new MigrationException(
          ErrorCode.CONFIG_INVALID, "filters: " + String.join("; ", problems));
    }
    return follow(catalog, filters, largeObjects);
  }

  /**
   * The same for a migration under way: a pattern whose tables were dropped meanwhile selects
   * nothing, and is no mistake.
   *
   * @throws MigrationException NOTHING_SELECTED if no table is left
   */
  public static ObjectSet follow(Catalog catalog, Filters filters, boolean largeObjects) {
    Selection selection = Selection.of(filters);
    List<Member> members =
        catalog.tables().stream()
            .filter(table -> selection.has(table.partitionRoot().orElse(table.name())))
            .map(table -> new Member(table, replicationOf(table)))
            .toList();
    if (members.isEmpty()) {
      throw new MigrationException(
          ErrorCode.NOTHING_SELECTED,
          "No table is selected of the "
              + catalog.tables().size()
              + " that the source database holds");
    }
    var names = new HashSet<QualifiedName>();
    members.forEach(member -> names.add(member.name()));
    List<Sequence> sequences =
        catalog.sequences().stream()
            .filter(sequence -> belongs(catalog, sequence, names, selection))
            .toList();
    var parts = LeftOutParts.of(filters, catalog.extensions(), new ArrayList<>());
    return new ObjectSet(members, sequences, largeObjects, parts);
  }

  /**
   * The same objects as another database has them: there keys and replica identities may differ.
   *
   * @param catalog of that database
   * @throws MigrationException SCHEMA_DIFFERS if it lacks one of the tables
   */
  public static ObjectSet counterpart(Catalog catalog, ObjectSet objects) {
    var wanted = new HashSet<QualifiedName>();
    objects.tables().forEach(member -> wanted.add(member.name()));
    List<Member> members =
        catalog.tables().stream()
            .filter(table -> wanted.remove(table.name()))
            .map(table -> new Member(table, replicationOf(table)))
            .toList();
    if (!wanted.isEmpty()) {
      throw new MigrationException(
          ErrorCode.SCHEMA_DIFFERS, "Tables are on one side only: " + List.copyOf(wanted));
    }
    var sequences = new HashSet<QualifiedName>();
    objects.sequences().forEach(sequence -> sequences.add(sequence.name()));
    return new ObjectSet(
        members,
        catalog.sequences().stream()
            .filter(sequence -> sequences.contains(sequence.name()))
            .toList(),
        objects.largeObjects());
  }

  /** The tables these filters select of a catalog, whether or not every pattern matches. */
  static List<Table> selected(Catalog catalog, Filters filters) {
    Selection selection = Selection.of(filters);
    return catalog.tables().stream()
        .filter(table -> selection.has(table.partitionRoot().orElse(table.name())))
        .toList();
  }

  /** What is wrong with filters: those that match nothing, and those that contradict each other. */
  public static List<String> problems(Catalog catalog, Filters filters) {
    var problems = new ArrayList<String>();
    List<QualifiedName> candidates =
        Stream.concat(
                catalog.tables().stream()
                    .filter(table -> table.partitionRoot().isEmpty())
                    .map(Table::name),
                catalog.sequences().stream()
                    .filter(sequence -> sequence.owner().isEmpty())
                    .map(Sequence::name))
            .toList();
    Stream.concat(filters.include().stream(), filters.exclude().stream())
        .filter(text -> !LeftOutParts.isPart(text))
        .forEach(text -> addProblem(text, candidates, catalog, problems));
    Selection.of(filters).addContradictions(candidates, problems);
    LeftOutParts.of(filters, catalog.extensions(), problems);
    return problems;
  }

  private static void addProblem(
      String text, List<QualifiedName> candidates, Catalog catalog, List<String> problems) {
    var parsed = NamePattern.parse(text);
    if (parsed.isEmpty()) {
      problems.add("'" + text + "' is not of the form schema.name");
    } else if (candidates.stream().noneMatch(parsed.get()::matches)) {
      problems.add("'" + text + "' " + whyNothing(parsed.get(), catalog));
    }
  }

  private static String whyNothing(NamePattern pattern, Catalog catalog) {
    for (Table table : catalog.tables()) {
      if (table.partitionRoot().isPresent() && pattern.matches(table.name())) {
        return "matches only partitions; they follow " + table.partitionRoot().get();
      }
    }
    for (Sequence sequence : catalog.sequences()) {
      if (sequence.owner().isPresent() && pattern.matches(sequence.name())) {
        return "matches only sequences that follow " + sequence.owner().get().table();
      }
    }
    for (Catalog.LeftOut leftOut : catalog.leftOut()) {
      if (pattern.matches(leftOut.name())) {
        return "matches only what is never migrated: " + leftOut.name() + " " + leftOut.reason();
      }
    }
    return "matches no table or sequence";
  }

  private static List<NamePattern> patterns(List<String> texts) {
    return texts.stream()
        .filter(text -> !LeftOutParts.isPart(text))
        .flatMap(text -> NamePattern.parse(text).stream())
        .toList();
  }

  private static boolean belongs(
      Catalog catalog, Sequence sequence, Set<QualifiedName> tables, Selection selection) {
    return sequence
            .owner()
            .map(owner -> tables.contains(owner.table()))
            .orElseGet(() -> selection.has(sequence.name()))
        || catalog.sequenceUsers().getOrDefault(sequence.name(), Set.of()).stream()
            .anyMatch(tables::contains);
  }

  private static Replication replicationOf(Table table) {
    if (!table.holdsRows()) {
      return Replication.NONE;
    }
    return table.unlogged() || table.replicaIdentity() == ReplicaIdentity.NOTHING
        ? Replication.RECOPIED
        : Replication.STREAMED;
  }

  /** The filters' patterns of tables and sequences. */
  private record Selection(List<NamePattern> include, List<NamePattern> exclude) {
    static Selection of(Filters filters) {
      return new Selection(patterns(filters.include()), patterns(filters.exclude()));
    }

    boolean has(QualifiedName name) {
      return (include.isEmpty() || include.stream().anyMatch(pattern -> pattern.matches(name)))
          && exclude.stream().noneMatch(pattern -> pattern.matches(name));
    }

    /** What is included on purpose and then taken out altogether was not meant so. */
    private void addContradictions(List<QualifiedName> candidates, List<String> problems) {
      for (NamePattern pattern : include) {
        List<QualifiedName> named = candidates.stream().filter(pattern::matches).toList();
        if (!named.isEmpty() && named.stream().noneMatch(this::has)) {
          problems.add("'" + pattern + "' is included, and excluded altogether");
        }
      }
    }
  }
}
