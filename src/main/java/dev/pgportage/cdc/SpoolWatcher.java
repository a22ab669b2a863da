package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.util.function.Supplier;

/**
 * Tells people what becomes of the spool.
 *
 * @param prefix a word for its stream
 */
record SpoolWatcher(String prefix, Monitor monitor, Supplier<Lsn> position)
    implements ReaderWatcher {
  @Override
  public Lsn source() {
    return position.get();
  }

  @Override
  public void spooling() {
    monitor.event(
        Event.info(
            "spool.begun",
            prefix
                + "Changes are received into the spool on this machine; the source need not keep them"));
  }

  @Override
  public void full(boolean full) {
    monitor.event(
        full
            ? Event.warning(
                "spool.full",
                prefix
                    + "The spool has no room (spool.max_size, spool.keep_free): until it has, the source"
                    + " keeps its WAL")
            : Event.info("spool.room", prefix + "The spool has room again"));
  }

  @Override
  public void drained() {
    monitor.event(
        Event.info(
            "spool.drained",
            prefix + "The spool is read; changes go straight to the target again"));
  }
}
