package dev.pgportage.load;

import dev.pgportage.schema.Table;
import dev.pgportage.state.LoadLedger.Cut;
import dev.pgportage.telemetry.Monitor;
import java.util.Optional;

/** A table as it is told to whoever copies its chunks on another machine. */
record LoadSubject(Table table, CopyFormat format, int chunks, long pages) {
  TableLoad load() {
    return new TableLoad(table, format, new Cut(chunks, pages), Optional.empty(), Monitor.none());
  }
}
