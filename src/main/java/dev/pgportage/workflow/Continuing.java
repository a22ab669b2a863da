package dev.pgportage.workflow;

import dev.pgportage.cdc.KeySearch;
import dev.pgportage.cdc.ReplicationSettings;
import dev.pgportage.load.TouchedKeys;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import dev.pgportage.state.TableState;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What lets a load go on under another snapshot with the chunks that are there: the keys of all
 * rows touched between the two snapshots, from the slot's own changes.
 */
final class Continuing {
  private static final long KEY_BYTES = 64L << 20;

  private final Session session;
  private final Plan plan;
  private final StopSignal stop;
  private final boolean follows;

  Continuing(Session session, Plan plan, StopSignal stop, boolean follows) {
    this.stop = stop;
    this.session = session;
    this.plan = plan;
    this.follows = follows;
  }

  /**
   * Reads the changes, if any table needs them; nobody else may read the slot meanwhile.
   *
   * @return for tables that are begun under another snapshot what was touched since; a table that
   *     is missing is copied anew
   */
  Map<QualifiedName, TouchedKeys> touched(Snapshot snapshot, OpenSpools spools)
      throws SQLException {
    Map<Integer, Lsn> applied = session.applyProgress().streams(session.control());
    Map<QualifiedName, Lsn> begun =
        begun(snapshot, applied.values().stream().max(Comparator.naturalOrder()).orElseThrow());
    if (begun.isEmpty()) {
      return Map.of();
    }
    var from = new HashMap<QualifiedName, Lsn>();
    plan.objects().rowHolders().forEach(table -> from.put(table.name(), Lsn.MAX));
    from.putAll(begun);
    List<ReplicationSettings> streams = Replications.settings(session, plan, follows, spools, from);
    var keys = new HashMap<QualifiedName, List<List<String>>>();
    begun.keySet().forEach(table -> keys.put(table, List.of()));
    for (ReplicationSettings stream : streams) {
      Lsn saved = applied.getOrDefault(stream.share().stream(), Lsn.ZERO);
      stop.interrupting(
          () ->
              join(
                  keys,
                  new KeySearch(stream, KEY_BYTES / streams.size())
                      .read(
                          saved,
                          snapshot.consistentPoint(),
                          Set.copyOf(keys.keySet()),
                          session.monitor())));
    }
    var touched = new HashMap<QualifiedName, TouchedKeys>();
    keys.forEach((table, values) -> touched.put(table, new TouchedKeys(key(table), values)));
    return touched;
  }

  /** Tables whose chunks can be kept, with the points they were begun at. */
  private Map<QualifiedName, Lsn> begun(Snapshot snapshot, Lsn applied) throws SQLException {
    var begun = new HashMap<QualifiedName, Lsn>();
    for (Map.Entry<QualifiedName, TableState> entry :
        session.loadLedger().tables(session.control()).entrySet()) {
      // Changes committed before the applied position cannot be had any more.
      if (entry.getValue() instanceof TableState.Copying(Lsn point)
          && !point.equals(snapshot.consistentPoint())
          && !point.isBefore(applied)
          && isIdentified(entry.getKey())
          && !session.loadLedger().chunks(session.control(), entry.getKey()).isEmpty()) {
        begun.put(entry.getKey(), point);
      }
    }
    return begun;
  }

  /** Adds what a stream touched; a table it knows nothing of is not known. */
  private static void join(
      Map<QualifiedName, List<List<String>>> keys, Map<QualifiedName, List<List<String>>> more) {
    keys.keySet().retainAll(more.keySet());
    keys.replaceAll(
        (table, known) -> {
          List<List<String>> found = more.getOrDefault(table, List.of());
          return known.isEmpty() ? found : Stream.concat(known.stream(), found.stream()).toList();
        });
  }

  private Optional<Table> streamed(QualifiedName name) {
    return plan.objects().streamed().stream().filter(t -> t.name().equals(name)).findFirst();
  }

  private List<String> key(QualifiedName table) {
    return streamed(table).flatMap(Table::key).orElseThrow().columns();
  }

  /** Whether the stream tells each row by a key that both servers compare alike. */
  private boolean isIdentified(QualifiedName name) {
    Optional<Table> table = streamed(name).filter(t -> t.key().isPresent());
    return table.isPresent()
        && key(name).stream()
            .allMatch(
                column ->
                    table.get().writtenColumns().stream()
                        .filter(c -> c.name().equals(column))
                        .anyMatch(Column::builtIn));
  }
}
