package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Message.Former;
import dev.pgportage.pgoutput.Tuple;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The net change of a table with a key.
 *
 * <p>Each row that was touched is a {@link Lineage}, found by the key it has now. It remembers the
 * key it had on the target, if it was there: a row inserted and deleted leaves nothing, one whose
 * key changed twice moves once.
 */
final class KeyedChanges implements TableChanges {
  /**
   * One row's way.
   *
   * @param origin its key on the target; null if it was inserted since
   * @param key its key now
   * @param row its values now
   */
  record Lineage(@Nullable RowKey origin, RowKey key, NetRow row) {
    boolean isMoved() {
      return origin != null && !origin.equals(key);
    }
  }

  /**
   * What one UPDATE can do at once.
   *
   * @param present the columns whose values are known; the others stay
   * @param moved whether the key changes
   */
  record Shape(BitSet present, boolean moved) {}

  private static final Comparator<Lineage> BY_KEY = Comparator.comparing(Lineage::key);

  /** A row out of its place: where it was on the target, and what is known of it. */
  private record Taken(@Nullable RowKey origin, @Nullable NetRow row) {}

  private final ReplicatedTable table;
  private final Map<RowKey, Lineage> live = new LinkedHashMap<>();
  private final Set<RowKey> deleted = new LinkedHashSet<>();

  /** Keys of the target that rows moved away from. */
  private final Set<RowKey> left = new HashSet<>();

  /** Rows of a table to which nothing else happened yet: so they need no keys. */
  private final NewRows added = new NewRows();

  private boolean truncated;

  KeyedChanges(ReplicatedTable table) {
    this.table = table;
  }

  @Override
  public ReplicatedTable table() {
    return table;
  }

  @Override
  public void insert(Tuple row) {
    if (!added.add(row)) {
      placeNew(row);
    }
  }

  /** From now on rows are looked for, so those that were only added get keys. */
  private void key() {
    added.close(this::placeNew);
  }

  private void placeNew(Tuple row) {
    place(new Lineage(null, keyOf(row, null), NetRow.of(row)));
  }

  @Override
  public void update(Former former, @Nullable Tuple old, Tuple row) {
    key();
    RowKey key = keyOf(row, old);
    if (old == null) {
      change(key, row);
      return;
    }
    RowKey formerKey = keyOf(old, null);
    Taken before = take(formerKey);
    NetRow values = NetRow.merge(row, before.row, former == Former.FULL ? old : null);
    if (before.origin != null && !key.equals(before.origin)) {
      left.add(before.origin);
    }
    place(new Lineage(before.origin, key, values));
  }

  /** A row that keeps its key; most do. */
  private void change(RowKey key, Tuple row) {
    Lineage known = live.get(key);
    if (known == null) {
      requireOnTarget(key);
      live.put(key, new Lineage(key, key, NetRow.merge(row, null, null)));
    } else {
      live.put(key, new Lineage(known.origin, key, NetRow.merge(row, known.row, null)));
    }
  }

  @Override
  public void delete(Former former, Tuple old) {
    key();
    RowKey origin = take(keyOf(old, null)).origin;
    if (origin != null) {
      deleted.add(origin);
      left.remove(origin);
    }
  }

  @Override
  public void truncate() {
    added.clear();
    live.clear();
    deleted.clear();
    left.clear();
    truncated = true;
  }

  @Override
  public boolean isTruncated() {
    return truncated;
  }

  @Override
  public boolean touchesTarget() {
    return !deleted.isEmpty() || live.values().stream().anyMatch(lineage -> lineage.origin != null);
  }

  /** The target's rows that are gone. */
  Set<RowKey> deletes() {
    return deleted;
  }

  /**
   * The target's rows that changed, by what one statement can do; each in the order of their keys,
   * in which the target's index and rows lie better at hand.
   */
  Map<Shape, List<Lineage>> updates() {
    var updates = new LinkedHashMap<Shape, List<Lineage>>();
    var whole = new BitSet();
    whole.set(0, table.columns().size());
    var inPlace = new ArrayList<Lineage>();
    for (Lineage lineage : live.values()) {
      if (lineage.origin == null) {
        continue;
      }
      boolean moved = lineage.isMoved();
      if (lineage.row.isWhole() && !moved) {
        inPlace.add(lineage);
      } else {
        BitSet present = lineage.row.isWhole() ? whole : lineage.row.present();
        updates.computeIfAbsent(new Shape(present, moved), _ -> new ArrayList<>()).add(lineage);
      }
    }
    if (!inPlace.isEmpty()) {
      updates.computeIfAbsent(new Shape(whole, false), _ -> new ArrayList<>()).addAll(inPlace);
    }
    updates.values().forEach(rows -> rows.sort(BY_KEY));
    return updates;
  }

  /** The rows that are new to the target, if nothing else happened to the table. */
  NewRows added() {
    return added;
  }

  /** The rows that are new to the target, but for {@link #added}. */
  List<NetRow> inserts() {
    return live.values().stream()
        .filter(lineage -> lineage.origin == null)
        .map(Lineage::row)
        .toList();
  }

  /** Takes a row out of its place, to change it: one touched before, or one of the target. */
  private Taken take(RowKey key) {
    Lineage lineage = live.remove(key);
    if (lineage != null) {
      return new Taken(lineage.origin, lineage.row);
    }
    requireOnTarget(key);
    return new Taken(key, null);
  }

  private void requireOnTarget(RowKey key) {
    if (truncated || deleted.contains(key) || left.contains(key)) {
      throw TableChanges.contradiction(table, "is of a row that was deleted or moved before");
    }
  }

  private void place(Lineage lineage) {
    if (live.putIfAbsent(lineage.key, lineage) != null) {
      throw TableChanges.contradiction(table, "gives a row the key of another one");
    }
  }

  /** The key of a row; columns left out of the new version are those of the old one. */
  private RowKey keyOf(Tuple row, @Nullable Tuple old) {
    RowKey known = table.keyOf(row, old);
    if (known == null) {
      throw TableChanges.contradiction(table, "does not tell the row's key");
    }
    return known;
  }
}
