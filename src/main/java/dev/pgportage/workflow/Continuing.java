package dev.pgportage.workflow;

import dev.pgportage.cdc.KeySearch;
import dev.pgportage.load.TouchedKeys;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import dev.pgportage.spool.Spool;
import dev.pgportage.state.TableState;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  Map<QualifiedName, TouchedKeys> touched(Snapshot snapshot, Optional<Spool> spool)
      throws SQLException {
    Lsn applied = session.applyProgress().read(session.control()).orElseThrow();
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
    if (begun.isEmpty()) {
      return Map.of();
    }
    var from = new HashMap<QualifiedName, Lsn>();
    plan.objects().rowHolders().forEach(table -> from.put(table.name(), Lsn.MAX));
    from.putAll(begun);
    var search =
        new KeySearch(Replications.settings(session, plan, follows, spool, from), KEY_BYTES);
    var keys = new HashMap<QualifiedName, List<List<String>>>();
    stop.interrupting(
        () ->
            keys.putAll(
                search.read(
                    applied, snapshot.consistentPoint(), begun.keySet(), session.monitor())));
    var touched = new HashMap<QualifiedName, TouchedKeys>();
    keys.forEach((table, values) -> touched.put(table, new TouchedKeys(key(table), values)));
    return touched;
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
