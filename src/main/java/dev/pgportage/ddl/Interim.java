package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.ObjectShape;
import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What has to be done where the stream stopped, before all of the source's former shape is on the
 * target: rows of the new form are let in, and nothing else is changed. Immutable.
 *
 * @param statements what is run on the target
 * @param shape how the target looks afterwards
 * @param objects the object set the stream is read by afterwards
 * @param renamed tables that have another name afterwards: then → now
 * @param suspended tables whose rows will be loaded again, and whose changes until then are passed
 *     over
 */
public record Interim(
    List<String> statements,
    Shape shape,
    ObjectSet objects,
    Map<QualifiedName, QualifiedName> renamed,
    Set<QualifiedName> suspended) {

  /**
   * A table as the stream sends it.
   *
   * @param table its planned name
   * @param name its name now
   * @param columns the columns sent, in order
   * @param types their types
   */
  public record Sent(
      QualifiedName table, QualifiedName name, List<String> columns, List<String> types) {}

  /** Copies all. */
  public Interim {
    statements = List.copyOf(statements);
    renamed = Map.copyOf(renamed);
    suspended = Set.copyOf(suspended);
  }

  /** Whether it changes anything at all. */
  public boolean isNothing() {
    return statements.isEmpty() && suspended.isEmpty();
  }

  /**
   * What lets the stream go on.
   *
   * @param then how the target looks, and the object set of that time
   * @param now how the source looks
   * @param sent the table that stopped the stream, if one did by its form
   */
  public static Interim at(
      Shape then, ObjectSet formerSet, Shape now, ObjectSet set, Optional<Sent> sent) {
    var tables = new TableMatch(then, now);
    var objects = new ObjectDifferences(then, now);
    var statements = new ArrayList<String>();
    ObjectAlteration.loosening(then, tables, objects).forEach(s -> statements.add(s.sql()));
    for (TableDifference table : tables.kept()) {
      statements.addAll(new TableAlteration(table, Map.of(), false, Set.of()).loosening());
    }
    Map<Long, TableShape> shapes =
        then.tables().stream().collect(Collectors.toMap(TableShape::oid, Function.identity()));
    tables.kept().forEach(table -> shapes.put(table.now().oid(), table.loosened()));
    var suspended = new TreeSet<QualifiedName>();
    var moved = new HashMap<Long, TableDifference>();
    sent.ifPresent(
        s -> {
          List<TableDifference> family = stepOf(tables, formerSet, set, s);
          var form = new ArrayList<String>();
          family.forEach(
              t -> form.addAll(new TableAlteration(t, tables.missing(t), false, Set.of()).form()));
          if (form.isEmpty()) {
            suspended.add(s.table());
          } else {
            statements.addAll(form);
            family.forEach(t -> moved.put(t.now().oid(), t));
          }
        });
    moved.forEach((oid, table) -> shapes.put(oid, table.inNewForm()));
    var renamed = new TreeMap<QualifiedName, QualifiedName>();
    moved.values().stream()
        .filter(TableDifference::isRenamed)
        .forEach(t -> renamed.put(t.then().name(), t.now().name()));
    return new Interim(
        statements,
        new Shape(List.copyOf(shapes.values()), objectsOf(then, tables, objects)),
        objectSet(formerSet, set, moved.keySet()),
        renamed,
        suspended);
  }

  /** The tables that can take the new form together at once; none if that is not certain. */
  private static List<TableDifference> stepOf(
      TableMatch tables, ObjectSet formerSet, ObjectSet set, Sent sent) {
    Optional<TableDifference> found =
        tables.kept().stream().filter(t -> t.then().name().equals(sent.table)).findFirst();
    if (found.isEmpty()) {
      return List.of();
    }
    TableShape now = found.get().now();
    boolean asSent =
        now.name().equals(sent.name)
            && now.sentNames().equals(sent.columns)
            && now.sentTypes().equals(sent.types);
    List<TableDifference> family = tables.family(found.get());
    boolean single =
        family.stream()
            .allMatch(
                t -> t.isSingleStep() && !tables.needsReload(t) && sameKey(t, formerSet, set));
    return asSent && single ? family : List.of();
  }

  /** Whether rows are told by the same columns as before. */
  private static boolean sameKey(TableDifference table, ObjectSet formerSet, ObjectSet set) {
    Optional<Table> was = formerSet.table(table.then().name());
    Optional<Table> is = set.table(table.now().name());
    if (was.isEmpty()
        || is.isEmpty()
        || was.get().replicaIdentity() != is.get().replicaIdentity()) {
      return false;
    }
    return keyNumbers(was.get(), table.then()).equals(keyNumbers(is.get(), table.now()));
  }

  private static List<Integer> keyNumbers(Table table, TableShape shape) {
    return table.key().map(Table.Key::columns).orElse(List.of()).stream()
        .map(name -> shape.column(name).map(Shape.ColumnShape::number).orElse(0))
        .toList();
  }

  /** The objects of the target: without what refused rows, with new labels. */
  private static List<ObjectShape> objectsOf(
      Shape then, TableMatch tables, ObjectDifferences differences) {
    Map<Long, ObjectShape> enums =
        differences.changed().stream()
            .filter(c -> c.then().type().equals("ENUM"))
            .collect(Collectors.toMap(c -> c.then().oid(), c -> c.then().with(c.now())));
    return then.objects().stream()
        .filter(
            o ->
                !(differences.gone().contains(o)
                    && ObjectAlteration.mayRefuseRows(o)
                    && tables.kept(o.table()).isPresent()))
        .map(o -> o.type().equals("ENUM") ? enums.getOrDefault(o.oid(), o) : o)
        .toList();
  }

  private static ObjectSet objectSet(ObjectSet former, ObjectSet set, Set<Long> moved) {
    Map<Long, ObjectSet.Member> present =
        set.tables().stream().collect(Collectors.toMap(m -> m.table().oid(), Function.identity()));
    List<ObjectSet.Member> members =
        former.tables().stream()
            .map(m -> moved.contains(m.table().oid()) ? present.get(m.table().oid()) : m)
            .map(java.util.Objects::requireNonNull)
            .toList();
    return new ObjectSet(members, former.sequences(), former.largeObjects(), former.leftOut());
  }
}
