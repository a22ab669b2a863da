package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.schema.SchemaPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * All that makes the target what the source has become, when everything the source committed in its
 * former shape is on the target. Immutable.
 */
public final class Reshaping {
  /**
   * The plan of the schema that leads to the new shape.
   *
   * @param plan every object, with the statements of the change among them
   * @param done the keys of the items that are on the target already
   */
  public record NewPlan(SchemaPlan plan, Set<String> done) {}

  private final TableMatch tables;
  private final ObjectDifferences objects;
  private final ObjectAlteration alteration;
  private final Set<Long> reloaded;
  private final boolean replicaRole;
  private final List<String> obstacles = new ArrayList<>();

  private Reshaping(
      TableMatch tables,
      ObjectDifferences objects,
      ObjectAlteration alteration,
      Set<Long> reloaded,
      boolean replicaRole) {
    this.tables = tables;
    this.objects = objects;
    this.alteration = alteration;
    this.reloaded = reloaded;
    this.replicaRole = replicaRole;
    obstacles.addAll(alteration.obstacles());
    for (TableDifference table : tables.kept()) {
      if (!table.then().properties().equals(table.now().properties())) {
        obstacles.add(
            table.now().name()
                + " was "
                + table.then().properties()
                + ", is "
                + table.now().properties());
      }
    }
  }

  /**
   * Compares two readings of the source.
   *
   * @param then how the target looks
   * @param formerSet the object set of that time
   * @param set the present one
   * @param unloaded tables whose rows are to be loaded again for other reasons
   * @param replicaRole whether the target's role may set session_replication_role
   */
  public static Reshaping between(
      Shape then,
      Shape now,
      ObjectSet formerSet,
      ObjectSet set,
      Set<QualifiedName> unloaded,
      boolean replicaRole) {
    var tables = new TableMatch(then, now);
    var objects = new ObjectDifferences(then, now);
    Set<Long> wanted = new HashSet<>(newlyStreamed(formerSet, set));
    then.tables().stream()
        .filter(table -> unloaded.contains(table.name()))
        .forEach(table -> wanted.add(table.oid()));
    return new Reshaping(
        tables,
        objects,
        new ObjectAlteration(then, tables, objects),
        tables.reloaded(wanted),
        replicaRole);
  }

  /** Tables whose changes were not streamed, or were not for a moment: they left their root. */
  private static Set<Long> newlyStreamed(ObjectSet former, ObjectSet set) {
    Map<Long, ObjectSet.Member> before = new HashMap<>();
    former.rowHolders().forEach(member -> before.put(member.table().oid(), member));
    var oids = new HashSet<Long>();
    for (ObjectSet.Member member : set.rowHolders()) {
      ObjectSet.Member was = before.get(member.table().oid());
      boolean streams = member.replication() == ObjectSet.Replication.STREAMED;
      boolean left =
          was != null
              && was.table().partitionRoot().isPresent()
              && !was.table().partitionRoot().equals(member.table().partitionRoot());
      boolean streamed = was != null && was.replication() == ObjectSet.Replication.STREAMED;
      if (streams && (!streamed || left)) {
        oids.add(member.table().oid());
      }
    }
    return oids;
  }

  /** What cannot be made without knowing what was meant; nothing may be done then. */
  public List<String> obstacles() {
    return List.copyOf(obstacles);
  }

  /** The former names of tables whose rows are no longer on the target afterwards. */
  public Set<QualifiedName> forgotten() {
    var names = new TreeSet<QualifiedName>();
    tables.gone().forEach(table -> names.add(table.name()));
    tables.kept().stream()
        .filter(table -> reloaded.contains(table.now().oid()))
        .forEach(table -> names.add(table.then().name()));
    return names;
  }

  /** Tables that keep their rows under another name: then → now. */
  public Map<QualifiedName, QualifiedName> renamed() {
    var names = new HashMap<>(tables.renamed());
    names.keySet().removeAll(forgotten());
    return names;
  }

  /** The present names of the tables that are loaded, for the first time or again. */
  public Set<QualifiedName> loaded() {
    var names = new TreeSet<QualifiedName>();
    tables.made().stream().filter(t -> !t.partitioned()).forEach(t -> names.add(t.name()));
    tables.kept().stream()
        .map(TableDifference::now)
        .filter(table -> reloaded.contains(table.oid()) && !table.partitioned())
        .forEach(table -> names.add(table.name()));
    return names;
  }

  /**
   * Puts the statements between the entries of a new dump.
   *
   * @param former the plan the target was made by
   * @param done the keys of its items that are on the target
   * @param draft the plan as the source is now
   */
  public NewPlan plan(SchemaPlan former, Set<String> done, SchemaPlan draft) {
    var made = new MadeItems(former, done, tables, objects, alteration.remade());
    var items = new ArrayList<SchemaItem>();
    var ready = new HashSet<String>();
    Set<String> attached = attachedLater();
    beginning().forEach(statement -> add(items, statement, Stage.PRE_DATA));
    for (SchemaItem item : draft.items()) {
      if (item.kind().equals("TABLE")) {
        keptTable(item)
            .ifPresent(table -> changes(table, draft).forEach(s -> add(items, s, Stage.PRE_DATA)));
      }
      SchemaItem placed = MadeItems.repeatable(item, items.size() + 1);
      if (attached.contains(item.kind() + " " + item.name())) {
        placed = MadeItems.at(Stage.NEEDS_KEYS, placed);
      }
      items.add(placed);
      if (made.contains(item)) {
        ready.add(placed.key());
      }
    }
    alteration.late().forEach(statement -> add(items, statement, Stage.PRE_DATA));
    identities().forEach(statement -> add(items, statement, Stage.NEEDS_KEYS));
    return new NewPlan(new SchemaPlan(items, draft.structure()), ready);
  }

  /**
   * Entries that tie a new partition to a table that was there: once it has its own keys and
   * indexes, because attaching makes those that are missing, by other names.
   */
  private Set<String> attachedLater() {
    var labels = new HashSet<String>();
    for (TableShape table : tables.made()) {
      if (tables.parentNow(table).flatMap(tables::kept).isPresent()) {
        labels.add("TABLE ATTACH " + table.name().schema() + "." + table.name().name());
        objects.made().stream()
            .filter(object -> object.table() == table.oid())
            .filter(object -> Set.of("INDEX", "CONSTRAINT").contains(object.type()))
            .forEach(
                object ->
                    labels.add("INDEX ATTACH " + table.name().schema() + "." + object.name()));
      }
    }
    return labels;
  }

  private Optional<TableDifference> keptTable(SchemaItem item) {
    return item.table().flatMap(tables::kept);
  }

  private static void add(List<SchemaItem> items, Statement statement, Stage stage) {
    items.add(
        new SchemaItem(
            items.size() + 1,
            statement.kind(),
            statement.name(),
            Optional.empty(),
            Decision.APPLY,
            stage,
            "changed on the source",
            statement.sql()));
  }

  private List<Statement> beginning() {
    var statements = new ArrayList<Statement>();
    for (TableDifference table : tables.kept()) {
      if (reloaded.contains(table.now().oid()) && !table.now().partitioned()) {
        statements.add(emptying(table.then().name()));
      }
    }
    statements.addAll(alteration.early());
    tables.gone().stream()
        .sorted(Comparator.comparingLong(TableShape::oid).reversed())
        .forEach(
            table ->
                statements.add(
                    new Statement(
                        "DROP TABLE",
                        table.name().toString(),
                        "DROP TABLE IF EXISTS " + table.name().sql() + ";")));
    for (TableDifference table : tables.kept()) {
      Optional<Long> parent = tables.parentThen(table);
      if (parent.isPresent() && !parent.equals(tables.parentNow(table.now()))) {
        tables.kept(parent.get()).ifPresent(p -> statements.add(detaching(table, p.then().name())));
      }
    }
    statements.addAll(asides());
    return statements;
  }

  /** Tables that exchange their names go by a third one meanwhile. */
  private List<Statement> asides() {
    var statements = new ArrayList<Statement>();
    for (TableDifference table : tables.kept()) {
      QualifiedName then = table.then().name();
      tables
          .aside(table)
          .map(name -> Quoting.identifier(name.name()))
          .map(name -> "ALTER TABLE %s RENAME TO %s;".formatted(then.sql(), name))
          .ifPresent(sql -> statements.add(new Statement("RENAME TABLE", then.toString(), sql)));
    }
    return statements;
  }

  private static Statement detaching(TableDifference table, QualifiedName parent) {
    String sql =
        table.then().bound().isPresent()
            ? "ALTER TABLE %s DETACH PARTITION %s;"
                .formatted(parent.sql(), table.then().name().sql())
            : "ALTER TABLE %s NO INHERIT %s;".formatted(table.then().name().sql(), parent.sql());
    return new Statement("DETACH", table.then().name().toString(), sql);
  }

  /** TRUNCATE where nothing points at the table; rows are deleted without a trigger otherwise. */
  private Statement emptying(QualifiedName table) {
    String body =
        """
        BEGIN
          IF EXISTS (SELECT FROM pg_catalog.pg_constraint
                     WHERE contype = 'f' AND confrelid = %1$s::regclass AND conrelid <> confrelid)
          THEN DELETE FROM ONLY %2$s; ELSE TRUNCATE ONLY %2$s; END IF;
        END"""
            .formatted(Quoting.literal(table.sql()), table.sql());
    String role = replicaRole ? "SET LOCAL session_replication_role = replica; " : "";
    return new Statement("EMPTY TABLE", table.toString(), role + "DO " + Quoting.literal(body));
  }

  private List<Statement> changes(TableDifference table, SchemaPlan draft) {
    long oid = table.now().oid();
    if (table.then().equals(table.now())
        && objects.made().stream().noneMatch(object -> object.table() == oid)) {
      return List.of();
    }
    boolean empty =
        table.now().partitioned()
            ? tables.family(table).stream().allMatch(m -> reloaded.contains(m.now().oid()))
            : reloaded.contains(table.now().oid());
    List<String> sql =
        new ArrayList<>(
            new TableAlteration(
                    table,
                    tables.missing(table),
                    empty,
                    MadeItems.defaults(draft, table.now().name()))
                .from(tables.aside(table).orElse(table.then().name()))
                .all());
    Optional<Long> parent = tables.parentNow(table.now());
    if (parent.isPresent() && !parent.equals(tables.parentThen(table))) {
      sql.add(attaching(table.now()));
    }
    objects.made().stream()
        .filter(o -> o.type().equals("CHECK") && o.table() == oid && !o.child())
        .filter(o -> draft.items().stream().noneMatch(MadeItems.is(ObjectAlteration.item(o))))
        .forEach(
            o ->
                sql.add(
                    "ALTER TABLE %s ADD CONSTRAINT %s %s;"
                        .formatted(
                            table.now().name().sql(),
                            Quoting.identifier(o.name()),
                            o.definition())));
    return sql.isEmpty()
        ? List.of()
        : List.of(
            new Statement("ALTER TABLE", table.now().name().toString(), String.join("\n", sql)));
  }

  private static String attaching(TableShape table) {
    String parent = table.parent().orElseThrow().sql();
    return table
            .bound()
            .map(b -> "ALTER TABLE " + parent + " ATTACH PARTITION " + table.name().sql() + " " + b)
            .orElse("ALTER TABLE " + table.name().sql() + " INHERIT " + parent)
        + ";";
  }

  /** What the target's own changed rows are told by; an index has to be there first. */
  private List<Statement> identities() {
    return tables.kept().stream()
        .filter(table -> !table.then().identity().equals(table.now().identity()))
        .map(
            table ->
                new Statement(
                    "REPLICA IDENTITY",
                    table.now().name().toString(),
                    "ALTER TABLE ONLY %s REPLICA IDENTITY %s;"
                        .formatted(table.now().name().sql(), table.now().identity())))
        .toList();
  }
}
