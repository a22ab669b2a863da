package dev.pgportage.workflow;

import dev.pgportage.spool.Spool;
import dev.pgportage.spool.SpoolGauge;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The spools of a migration's streams on this machine, open until this is closed. */
final class OpenSpools implements AutoCloseable {
  private final Map<Integer, Spool> spools = new TreeMap<>();

  /** Takes a stream's, and owns it from then on. */
  void add(int stream, Spool spool) {
    spools.put(stream, spool);
  }

  /** A stream's, if it has one. */
  Optional<Spool> of(int stream) {
    return Optional.ofNullable(spools.get(stream));
  }

  /** How full each is, by its stream. */
  SortedMap<Integer, SpoolGauge> gauges() {
    var gauges = new TreeMap<Integer, SpoolGauge>();
    spools.forEach((stream, spool) -> gauges.put(stream, spool.gauge()));
    return gauges;
  }

  @Override
  public void close() {
    spools.values().forEach(Spool::close);
    spools.clear();
  }
}
