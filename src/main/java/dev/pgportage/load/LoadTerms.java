package dev.pgportage.load;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Snapshot;

/**
 * What all chunks of a load share, as it is told to whoever copies them on another machine.
 *
 * @param snapshot the exported snapshot's name
 * @param consistentPoint its consistent point
 * @param replicaRole as of a {@link CopyRoute}
 * @param alone as of a {@link CopyRoute}
 * @param bytesPerSecond how much each worker reads; 0 for no limit
 */
record LoadTerms(
    String snapshot,
    String consistentPoint,
    boolean replicaRole,
    boolean alone,
    long bytesPerSecond) {
  static LoadTerms of(Snapshot snapshot, CopyRoute route, long bytesPerSecond) {
    return new LoadTerms(
        snapshot.name(),
        snapshot.consistentPoint().toString(),
        route.replicaRole(),
        route.alone(),
        bytesPerSecond);
  }

  Snapshot theSnapshot() {
    return new Snapshot(snapshot, Lsn.parse(consistentPoint));
  }
}
