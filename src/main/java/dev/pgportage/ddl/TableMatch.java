package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which tables of two readings are the same: by OID, within one schema. A table that moved to
 * another schema counts as dropped and made. Immutable.
 */
final class TableMatch {
  private static final String ASIDE = "pgportage aside ";

  private final Map<QualifiedName, Long> oidsThen = new HashMap<>();
  private final Map<QualifiedName, Long> oidsNow = new HashMap<>();
  private final Map<Long, TableShape> byOidNow = new HashMap<>();
  private final Map<Long, List<TableShape>> childrenNow = new HashMap<>();
  private final List<TableDifference> kept = new ArrayList<>();
  private final List<TableShape> made = new ArrayList<>();
  private final List<TableShape> gone = new ArrayList<>();
  private final Map<Long, TableDifference> byOid = new HashMap<>();

  TableMatch(Shape then, Shape now) {
    Map<Long, TableShape> former = new HashMap<>();
    then.tables()
        .forEach(
            t -> {
              former.put(t.oid(), t);
              oidsThen.put(t.name(), t.oid());
            });
    now.tables().forEach(t -> oidsNow.put(t.name(), t.oid()));
    for (TableShape table : now.tables()) {
      byOidNow.put(table.oid(), table);
      parentNow(table)
          .ifPresent(p -> childrenNow.computeIfAbsent(p, _ -> new ArrayList<>()).add(table));
      Optional<TableShape> was =
          Optional.ofNullable(former.get(table.oid()))
              .filter(t -> t.name().schema().equals(table.name().schema()));
      was.ifPresentOrElse(
          f -> {
            var difference = TableDifference.between(f, table);
            kept.add(difference);
            byOid.put(table.oid(), difference);
          },
          () -> made.add(table));
    }
    then.tables().stream().filter(t -> !byOid.containsKey(t.oid())).forEach(gone::add);
  }

  List<TableDifference> kept() {
    return kept;
  }

  /** Tables that were not there, or not under that OID. */
  List<TableShape> made() {
    return made;
  }

  /** Tables that are not there any more, or not under that OID. */
  List<TableShape> gone() {
    return gone;
  }

  Optional<TableDifference> kept(QualifiedName name) {
    return Optional.ofNullable(oidsNow.get(name)).flatMap(this::kept);
  }

  Optional<TableDifference> kept(long oid) {
    return Optional.ofNullable(byOid.get(oid));
  }

  Map<QualifiedName, QualifiedName> renamed() {
    var names = new TreeMap<QualifiedName, QualifiedName>();
    kept.stream()
        .filter(TableDifference::isRenamed)
        .forEach(d -> names.put(d.then().name(), d.now().name()));
    return names;
  }

  /** Whether anything was renamed or retyped, so that definitions of others read otherwise. */
  boolean textsFollow() {
    return kept.stream()
        .anyMatch(
            d ->
                d.isRenamed()
                    || d.now().columns().stream()
                        .anyMatch(
                            c ->
                                d.former(c)
                                    .filter(
                                        f ->
                                            !f.name().equals(c.name())
                                                || !f.type().equals(c.type()))
                                    .isPresent()));
  }

  /** The name a table has in between, if its new name is that of another one so far. */
  Optional<QualifiedName> aside(TableDifference table) {
    return Optional.ofNullable(oidsThen.get(table.now().name()))
        .filter(oid -> table.isRenamed() && byOid.containsKey(oid))
        .map(_ -> new QualifiedName(table.then().name().schema(), ASIDE + table.now().oid()));
  }

  /** The OID of the table above, then. */
  Optional<Long> parentThen(TableDifference table) {
    return table.then().parent().map(oidsThen::get);
  }

  /** The OID of the table above, now. */
  Optional<Long> parentNow(TableShape table) {
    return table.parent().map(oidsNow::get);
  }

  /** The kept tables of one tree of partitions or heirs, the topmost first. */
  List<TableDifference> family(TableDifference member) {
    TableShape top = member.now();
    for (Optional<Long> up = parentNow(top); up.isPresent(); up = parentNow(top)) {
      top = Objects.requireNonNull(byOidNow.get(up.get()));
    }
    var family = new ArrayList<TableDifference>();
    var next = new ArrayDeque<TableShape>(List.of(top));
    while (!next.isEmpty()) {
      TableShape table = next.removeFirst();
      kept(table.oid()).ifPresent(family::add);
      next.addAll(childrenNow.getOrDefault(table.oid(), List.of()));
    }
    return family;
  }

  /**
   * The values that rows written before have in columns added since, by column: a partitioned
   * table's are those of its partitions.
   */
  Map<String, String> missing(TableDifference table) {
    var values = new TreeMap<String, String>();
    for (TableDifference member : table.now().partitioned() ? family(table) : List.of(table)) {
      member
          .added()
          .forEach(c -> c.missing().ifPresent(value -> values.putIfAbsent(c.name(), value)));
    }
    return values;
  }

  /** Whether tables that are altered together need different values in a column added since. */
  private boolean isMixed(List<TableDifference> family) {
    var values = new HashMap<String, Optional<String>>();
    return family.stream()
        .filter(member -> !member.now().partitioned())
        .flatMap(member -> member.added().stream())
        .anyMatch(c -> !values.computeIfAbsent(c.name(), _ -> c.missing()).equals(c.missing()));
  }

  /** Whether the target's rows of a table cannot be brought into the new form where they are. */
  boolean needsReload(TableDifference table) {
    return table.needsReload() || (!table.added().isEmpty() && isMixed(family(table)));
  }

  /**
   * The kept tables whose rows have to be loaded again, partitions of a rewritten table together.
   *
   * @param wanted those that must be for other reasons, by OID
   */
  Set<Long> reloaded(Set<Long> wanted) {
    var oids = new TreeSet<Long>();
    for (TableDifference table : kept) {
      if (needsReload(table)) {
        family(table).forEach(member -> oids.add(member.now().oid()));
      }
    }
    kept.stream().map(d -> d.now().oid()).filter(wanted::contains).forEach(oids::add);
    return oids;
  }
}
