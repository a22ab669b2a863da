package dev.pgportage.workflow;

import dev.pgportage.pg.QualifiedName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The division of tables among streams: those that are tied together stay together, and all streams
 * get about the same number of writes. Stateless.
 */
final class Grouping {
  private Grouping() {}

  /**
   * A table, or a partitioned table with all its partitions.
   *
   * @param writes rows written since the server counts them
   * @param bytes its size
   */
  record Unit(QualifiedName name, long writes, long bytes) {}

  /** Two tables that have to be in one stream; they need not be units themselves. */
  record Tie(QualifiedName one, QualifiedName other) {}

  /** What is in one stream. */
  private static final class Part {
    private final List<QualifiedName> names = new ArrayList<>();
    private long writes;
    private long bytes;

    private void add(Part other) {
      names.addAll(other.names);
      writes += other.writes;
      bytes += other.bytes;
    }
  }

  private static final Comparator<Part> BY_WEIGHT =
      Comparator.<Part>comparingLong(part -> part.writes)
          .thenComparingLong(part -> part.bytes)
          .thenComparingInt(part -> part.names.size());

  /**
   * Divides.
   *
   * @param most how many streams there are at most
   * @return the tables of each stream, none empty; fewer streams if the ties leave fewer parts
   */
  static List<List<QualifiedName>> divide(Collection<Unit> units, Collection<Tie> ties, int most) {
    List<Part> parts = tied(units, ties);
    parts.sort(BY_WEIGHT.reversed().thenComparing(part -> part.names.getFirst()));
    var streams = new ArrayList<Part>();
    for (int i = 0; i < Math.min(most, parts.size()); i++) {
      streams.add(new Part());
    }
    for (Part part : parts) {
      streams.stream().min(BY_WEIGHT).orElseThrow().add(part);
    }
    return streams.stream().map(stream -> stream.names.stream().sorted().toList()).toList();
  }

  /** The units that are tied to each other, directly or by others, in one part each. */
  private static List<Part> tied(Collection<Unit> units, Collection<Tie> ties) {
    var heads = new HashMap<QualifiedName, QualifiedName>();
    for (Tie tie : ties) {
      QualifiedName one = head(heads, tie.one());
      QualifiedName other = head(heads, tie.other());
      if (!one.equals(other)) {
        heads.put(other, one);
      }
    }
    var parts = new TreeMap<QualifiedName, Part>();
    units.stream()
        .sorted(Comparator.comparing(Unit::name))
        .forEach(
            unit -> {
              Part part = parts.computeIfAbsent(head(heads, unit.name()), _ -> new Part());
              part.names.add(unit.name());
              part.writes += unit.writes();
              part.bytes += unit.bytes();
            });
    return new ArrayList<>(parts.values());
  }

  private static QualifiedName head(Map<QualifiedName, QualifiedName> heads, QualifiedName name) {
    QualifiedName head = name;
    QualifiedName next = heads.get(head);
    while (next != null) {
      head = next;
      next = heads.get(head);
    }
    return head;
  }
}
