package dev.pgportage.cdc;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.spool.Spool;
import dev.pgportage.state.Run;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one stream of a replication needs to know.
 *
 * @param source where changes come from
 * @param target where they go; its state schema holds the position to start from
 * @param slot the slot's name
 * @param publication the publication's name
 * @param objects the tables, read from the source's catalog
 * @param snapshots the consistent point each table was loaded at: changes committed before it are
 *     passed over, whatever the table looked like at the time; a table without one takes every
 *     change
 * @param passesOverNewTables whether changes of tables that are new since the plan was made are
 *     passed over, because they will be loaded later; otherwise they end the replication
 * @param run this process's turn at the migration
 * @param replicaRole whether the target's role may set {@code session_replication_role}
 * @param heartbeat how often a mark is sent through the source's WAL
 * @param batchRows how many changes are committed on the target together at most, but for a larger
 *     transaction of the source
 * @param memoryBytes how much may wait between slot and target, and again be netted at once
 * @param spool where more may wait, on this machine's disk; opened for this replication
 * @param share what of the replication this stream is
 */
public record ReplicationSettings(
    Database source,
    Database target,
    String slot,
    String publication,
    ObjectSet objects,
    Map<QualifiedName, Lsn> snapshots,
    boolean passesOverNewTables,
    Run run,
    boolean replicaRole,
    Duration heartbeat,
    int batchRows,
    long memoryBytes,
    Optional<Spool> spool,
    Share share) {
  /** Marks each second. */
  public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(1);

  /** Enough for set-based statements to pay, in a second or two. */
  public static final int DEFAULT_BATCH_ROWS = 100_000;

  /** 64 MB waiting and 64 MB netted. */
  public static final long DEFAULT_MEMORY_BYTES = 64L << 20;

  /**
   * Which stream of a replication it is.
   *
   * @param stream its number, from 1 on
   * @param others OIDs of tables whose changes other streams apply, whoever else sends them
   */
  public record Share(int stream, Set<Long> others) {
    /** Copies the set. */
    public Share {
      others = Set.copyOf(others);
    }

    /** All of it. */
    public static Share all() {
      return new Share(1, Set.of());
    }

    /** A word for the stream before what is told of it; nothing for the first. */
    String prefix() {
      return stream == 1 ? "" : "Stream " + stream + ": ";
    }
  }

  /** Copies the map. */
  public ReplicationSettings {
    snapshots = Map.copyOf(snapshots);
  }
}
