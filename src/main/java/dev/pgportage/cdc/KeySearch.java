package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pgoutput.Message;
import dev.pgportage.pgoutput.Tuple;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which rows were touched on the source in a stretch of its history: reads the slot's changes
 * without applying or confirming any. Used once, by one thread.
 */
public final class KeySearch {
  private static final Duration PATIENCE = Duration.ofMillis(200);

  /** What a kept key costs beside its bytes. */
  private static final int OVERHEAD = 150;

  private final ReplicationSettings settings;
  private final long budgetBytes;
  private final Map<ReplicatedTable, Set<RowKey>> keys = new HashMap<>();
  private final Set<QualifiedName> unknown = new HashSet<>();
  private final Set<Long> ignored = new HashSet<>();
  private long bytes;
  private Lsn commit = Lsn.MAX;

  /**
   * A search.
   *
   * @param settings for each table the position from which its changes matter; {@link Lsn#MAX} for
   *     those that do not
   * @param budgetBytes how much memory the keys may take; tables beyond it are not known
   */
  public KeySearch(ReplicationSettings settings, long budgetBytes) {
    this.settings = settings;
    this.budgetBytes = budgetBytes;
  }

  /**
   * Reads.
   *
   * @param saved the applied position: where the changes to be had begin
   * @param until changes committed at or after it do not matter
   * @param tables those that are asked for
   * @return the keys of each of them, as text, in the order of the key's columns; tables that were
   *     truncated, or changed their shape, or of which too many rows were touched, are missing
   */
  public Map<QualifiedName, List<List<String>>> read(
      Lsn saved, Lsn until, Set<QualifiedName> tables, Monitor monitor) {
    var setup =
        SlotReader.Setup.of(
            settings, new SpoolWatcher(settings.share().prefix(), monitor, () -> Lsn.ZERO));
    try (var reader = SlotReader.open(setup, saved);
        var relations = new Relations(settings);
        Connection source = settings.source().open("mark")) {
      // Something must come after the end, or a source at rest would never show it.
      Heartbeat.mark(source);
      boolean more = true;
      while (more) {
        more = isBeforeEnd(reader.poll(PATIENCE), until, relations);
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.CONNECTION_LOST, "Looking for touched rows");
    }
    var found = new HashMap<QualifiedName, List<List<String>>>();
    for (QualifiedName table : tables) {
      if (!unknown.contains(table)) {
        found.put(table, List.of());
      }
    }
    keys.forEach(
        (table, set) ->
            found.computeIfPresent(
                table.name(), (_, _) -> set.stream().map(RowKey::texts).toList()));
    return found;
  }

  private boolean isBeforeEnd(@Nullable Received next, Lsn until, Relations relations) {
    return switch (next) {
      case null -> true;
      case Received.Quiet(Lsn position) -> position.isBefore(until);
      case Received.Sent(Message.Begin begin, int _) -> {
        commit = begin.commitLsn();
        yield commit.isBefore(until);
      }
      case Received.Sent(Message message, int _) -> {
        look(message, relations);
        yield true;
      }
    };
  }

  private void look(Message message, Relations relations) {
    switch (message) {
      case Message.Relation relation -> {
        ignored.remove(relation.oid());
        relations.learn(relation);
      }
      case Message.Insert(long oid, Tuple row) ->
          find(relations, oid).ifPresent(table -> touch(table, row, null));
      case Message.Update(long oid, var _, var old, Tuple row) ->
          find(relations, oid)
              .ifPresent(
                  table -> {
                    touch(table, row, old);
                    if (old != null) {
                      touch(table, old, null);
                    }
                  });
      case Message.Delete(long oid, var _, Tuple old) ->
          find(relations, oid).ifPresent(table -> touch(table, old, null));
      case Message.Truncate truncate ->
          truncate
              .relations()
              .forEach(oid -> find(relations, oid).ifPresent(table -> give(table.name())));
      default -> {}
    }
  }

  private Optional<ReplicatedTable> find(Relations relations, long oid) {
    if (ignored.contains(oid)) {
      return Optional.empty();
    }
    try {
      return relations.find(oid, commit);
    } catch (MigrationException e) {
      if (e.code() != ErrorCode.SCHEMA_CHANGED) {
        throw e;
      }
      // Whoever applies the changes will tell; here only this table is not to be known.
      ignored.add(oid);
      relations.change().ifPresent(change -> give(change.table()));
      return Optional.empty();
    }
  }

  private void touch(ReplicatedTable table, Tuple row, @Nullable Tuple old) {
    if (unknown.contains(table.name())) {
      return;
    }
    RowKey key = table.keyOf(row, old);
    if (key == null || bytes > budgetBytes) {
      give(table.name());
    } else if (keys.computeIfAbsent(table, _ -> new HashSet<>()).add(key)) {
      bytes += OVERHEAD;
      key.forEach((_, _, length) -> bytes += length);
    }
  }

  /** Gives a table up. */
  private void give(QualifiedName table) {
    unknown.add(table);
    keys.keySet().removeIf(known -> known.name().equals(table));
  }
}
