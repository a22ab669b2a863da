package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.schema.SourceFacts.FiringMode;
import dev.pgportage.schema.SourceFacts.ForeignKey;
import dev.pgportage.schema.SourceFacts.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides for every entry of an archive what is done with it, when, and why. Used once.
 *
 * <p>What needs an object that is left out is left out too, with that as its reason; a table of the
 * object set, its keys and triggers are never left out silently: they block.
 */
final class Classifier {
  private static final int FOREIGN_KEYS_OF_PARTITIONED_TABLES_MAY_BE_UNCHECKED = 18;

  /** What a table of the set can be without if what it needs is left out. */
  private static final Set<String> MAY_LEAVE = Set.of("FK CONSTRAINT", "INDEX ATTACH");

  private record Draft(TocEntry entry, Optional<QualifiedName> table, Verdict verdict) {}

  private final Map<QualifiedName, Table> tables;
  private final Set<QualifiedName> sequences;
  private final Set<QualifiedName> ownedSequences;
  private final Access access;
  private final boolean largeObjects;
  private final Predicate<TocEntry> leavesOut;
  private final SourceFacts source;
  private final TargetFacts target;
  private final Map<Integer, String> absent = new HashMap<>();
  private final Map<Integer, Stage> stages = new HashMap<>();
  private final Map<ObjectId, Draft> byObject = new HashMap<>();
  private final Map<Long, FiringMode> modes;
  private final TargetRules rules;

  Classifier(ObjectSet set, SourceFacts source, TargetFacts target, Access access) {
    this.tables =
        set.tables().stream()
            .collect(Collectors.toMap(ObjectSet.Member::name, ObjectSet.Member::table));
    this.sequences = set.sequences().stream().map(Sequence::name).collect(Collectors.toSet());
    this.ownedSequences =
        set.sequences().stream()
            .filter(sequence -> sequence.owner().isPresent())
            .map(Sequence::name)
            .collect(Collectors.toSet());
    this.access = access;
    this.largeObjects = set.largeObjects();
    this.leavesOut = set::leavesOut;
    this.source = source;
    this.target = target;
    this.rules = new TargetRules(target);
    this.modes =
        source.modes().stream().collect(Collectors.toMap(FiringMode::oid, Function.identity()));
  }

  List<SchemaItem> classify(List<TocEntry> entries) {
    var drafts = new ArrayList<Draft>();
    for (TocEntry entry : entries) {
      if (!Kinds.isSessionSetting(entry.kind())) {
        drafts.add(draft(entry));
      }
    }
    var items = new PlanItems();
    access.addRoles(items);
    drafts.forEach(draft -> items.add(draft.entry, draft.table, draft.verdict));
    addOwners(items, drafts);
    addValidations(items);
    addModes(items);
    addRefreshes(items, drafts);
    items.addWhatNoArchiveHolds(source, largeObjects);
    return items.all();
  }

  /** After {@link #classify}: the objects of the source that the target will not have, and why. */
  Map<ObjectId, String> leftOut() {
    return byObject.entrySet().stream()
        .filter(object -> object.getKey().classOid() > 0 && object.getValue().verdict.absent())
        .collect(Collectors.toMap(Map.Entry::getKey, object -> object.getValue().verdict.reason()));
  }

  private Draft draft(TocEntry entry) {
    Optional<QualifiedName> table = tableOf(entry);
    Verdict verdict = judge(entry, table);
    if (verdict.absent()) {
      absent.put(entry.dumpId(), entry.kind() + " " + entry.displayName());
    } else if (entry.kind().equals("ACCESS METHOD")) {
      rules.makes(entry);
    }
    Verdict placed =
        new Verdict(
            verdict.decision(),
            stageAfter(entry, verdict.stage()),
            verdict.reason(),
            verdict.sql(),
            verdict.absent());
    stages.put(entry.dumpId(), placed.stage());
    var draft = new Draft(entry, table, placed);
    byObject.put(new ObjectId(entry.classOid(), entry.oid()), draft);
    return draft;
  }

  private Stage stageAfter(TocEntry entry, Stage own) {
    Stage latest = own;
    for (int dependency : entry.dependencies()) {
      Stage stage = stages.getOrDefault(dependency, Stage.PRE_DATA);
      latest = stage.compareTo(latest) > 0 ? stage : latest;
    }
    boolean waits = own == Stage.PRE_DATA && latest != own && !entry.kind().equals("COMMENT");
    return waits && latest.compareTo(Stage.NEEDS_KEYS) < 0 ? Stage.NEEDS_KEYS : latest;
  }

  private Optional<QualifiedName> tableOf(TocEntry entry) {
    return switch (entry.kind()) {
      case "TABLE", "TABLE ATTACH", "ROW SECURITY" -> nameOf(entry);
      default -> source.ownerOf(entry);
    };
  }

  private static Optional<QualifiedName> nameOf(TocEntry entry) {
    return Optional.ofNullable(entry.schema())
        .map(schema -> new QualifiedName(schema, entry.tag()));
  }

  private Verdict judge(TocEntry entry, Optional<QualifiedName> table) {
    Optional<String> never =
        access.keeps(entry.kind()) ? Optional.empty() : Kinds.neverCarried(entry.kind());
    if (never.isPresent()) {
      return Verdict.leaveOut(never.get());
    }
    Optional<Stage> stage = Kinds.stage(entry.kind());
    if (stage.isEmpty()) {
      return Verdict.block("pgportage does not know objects of this kind");
    }
    if (isOutside(entry) || leavesOut.test(entry)) {
      return Verdict.leaveOut("is outside of the filters");
    }
    boolean needed = table.isPresent() && tables.containsKey(table.get());
    Optional<String> missing = missing(entry);
    if (missing.isPresent()) {
      String reason = "needs " + missing.get() + ", which the target will not have";
      boolean leaves = MAY_LEAVE.contains(entry.kind());
      return needed && !leaves ? Verdict.block(reason) : Verdict.leaveOut(reason);
    }
    return judgeByKind(entry, table, needed, stage.get());
  }

  private boolean isOutside(TocEntry entry) {
    return switch (entry.kind()) {
      case "TABLE" -> nameOf(entry).filter(tables::containsKey).isEmpty();
      case "SEQUENCE" -> nameOf(entry).filter(sequences::contains).isEmpty();
      default -> false;
    };
  }

  private Optional<String> missing(TocEntry entry) {
    if (source.onHidden().contains(new ObjectId(entry.classOid(), entry.oid()))) {
      return Optional.of("a table outside of the filters");
    }
    return entry.dependencies().stream()
        .filter(absent::containsKey)
        .map(absent::get)
        .filter(needed -> !isDispensable(entry, needed))
        .findFirst();
  }

  /** Rows are the same whatever stores them; a transform counts only where it is asked for. */
  private static boolean isDispensable(TocEntry entry, String needed) {
    return switch (entry.kind()) {
      case "TABLE", "MATERIALIZED VIEW" -> needed.startsWith("ACCESS METHOD ");
      case "FUNCTION", "PROCEDURE" ->
          needed.startsWith("TRANSFORM ") && !entry.definition().contains(" TRANSFORM FOR TYPE ");
      default -> false;
    };
  }

  private Verdict judgeByKind(
      TocEntry entry, Optional<QualifiedName> table, boolean needed, Stage stage) {
    return switch (entry.kind()) {
      case "SCHEMA" -> rules.schema(entry);
      case "EXTENSION" -> rules.extension(entry);
      case "COMMENT" -> rules.comment(entry);
      case "TABLE", "MATERIALIZED VIEW" -> rules.table(entry);
      case "INDEX" -> index(entry, table);
      case "FK CONSTRAINT" -> foreignKey(entry);
      case "TRIGGER", "RULE" -> firing(entry, needed);
      case "POLICY" -> access.policy(entry);
      case "ACL", "ACL LANGUAGE", "DEFAULT ACL" ->
          access.privileges(
              entry,
              entry.dependencies().stream().anyMatch(stages::containsKey),
              target.ownsPublic());
      case "ROW SECURITY" ->
          Verdict.defer(stage, "would hide rows from the migration", entry.definition());
      default -> rules.other(entry, stage);
    };
  }

  private Verdict index(TocEntry entry, Optional<QualifiedName> table) {
    boolean isKey =
        table
            .map(tables::get)
            .flatMap(Table::key)
            .filter(key -> key.index().equals(entry.tag()))
            .isPresent();
    return Verdict.apply(isKey ? Stage.KEYS : Stage.INDEXES, entry);
  }

  private Verdict foreignKey(TocEntry entry) {
    ForeignKey key = source.foreignKeys().get(entry.oid());
    if (key == null) {
      return Verdict.apply(Stage.FOREIGN_KEYS, entry);
    }
    if (mustBeCheckedAtOnce(key)) {
      return key.valid()
          ? Verdict.rewrite(
              Stage.FOREIGN_KEYS,
              "involves a partitioned table: checked as it is added",
              ForeignKeys.adding(key))
          : Verdict.block("is NOT VALID on a partitioned table, which needs a target of 18");
    }
    return Verdict.rewrite(
        Stage.FOREIGN_KEYS, "is added first, checked after", ForeignKeys.addingUnchecked(key));
  }

  private boolean mustBeCheckedAtOnce(ForeignKey key) {
    return (key.partitioned() || key.referencedPartitioned())
        && !target.version().isAtLeast(FOREIGN_KEYS_OF_PARTITIONED_TABLES_MAY_BE_UNCHECKED);
  }

  private Verdict firing(TocEntry entry, boolean onTable) {
    if (entry.kind().equals("RULE") && entry.tag().endsWith(" _RETURN")) {
      return Verdict.apply(Stage.PRE_DATA, entry);
    }
    if (!entry.definition().strip().startsWith("CREATE")) {
      return Verdict.defer(Stage.OPENING, "is a partition's own mode", entry.definition());
    }
    FiringMode mode = modes.get(entry.oid());
    return onTable && mode != null
        ? Verdict.rewrite(
            Stage.TRIGGERS,
            "rests until the target opens",
            entry.definition() + "\n" + mode.disablingSql())
        : Verdict.apply(Stage.TRIGGERS, entry);
  }

  /** Schemas last: to become an object's owner takes CREATE on its schema. */
  private void addOwners(PlanItems items, List<Draft> drafts) {
    drafts.stream()
        .filter(draft -> !ownedSequences.contains(nameOf(draft.entry).orElse(null)))
        .sorted(Comparator.comparing(draft -> draft.entry.kind().equals("SCHEMA")))
        .forEach(draft -> access.addOwner(items, draft.entry, draft.table, draft.verdict));
  }

  private void addValidations(PlanItems items) {
    for (ForeignKey key : sorted(source.foreignKeys())) {
      Draft draft = byObject.get(new ObjectId(Kinds.CONSTRAINT_CLASS, key.oid()));
      if (draft != null
          && draft.verdict.decision() == Decision.REWRITE
          && key.valid()
          && !mustBeCheckedAtOnce(key)) {
        items.add(
            "FK VALIDATION",
            draft.entry.displayName(),
            Optional.of(key.table()),
            Verdict.defer(Stage.VALIDATION, "looks at the rows", ForeignKeys.validating(key)));
      }
    }
  }

  private static List<ForeignKey> sorted(Map<Long, ForeignKey> keys) {
    return keys.values().stream()
        .sorted(Comparator.comparing(ForeignKey::table).thenComparing(ForeignKey::name))
        .toList();
  }

  private void addModes(PlanItems items) {
    for (FiringMode mode : source.modes()) {
      Table table = tables.get(mode.table());
      boolean rests = mode.mode() == 'D' && table != null && table.partitionRoot().isEmpty();
      Draft draft = byObject.get(new ObjectId(Kinds.classOf(mode), mode.oid()));
      boolean made = draft == null || !draft.verdict.absent();
      if (table != null && !rests && made) {
        items.add(
            mode.rule() ? "RULE MODE" : "TRIGGER MODE",
            mode.table() + " " + mode.name(),
            Optional.of(mode.table()),
            Verdict.defer(Stage.OPENING, "rests until the target opens", mode.sql()));
      }
    }
  }

  private void addRefreshes(PlanItems items, List<Draft> drafts) {
    for (Draft draft : drafts) {
      Optional<QualifiedName> name = nameOf(draft.entry);
      if (draft.entry.kind().equals("MATERIALIZED VIEW")
          && !draft.verdict.absent()
          && name.filter(source.populated()::contains).isPresent()) {
        items.add(
            "MATERIALIZED VIEW DATA",
            draft.entry.displayName(),
            name,
            Verdict.defer(
                Stage.AFTER,
                "is computed from the target's rows",
                "REFRESH MATERIALIZED VIEW " + name.get().sql() + ";"));
      }
    }
  }
}
