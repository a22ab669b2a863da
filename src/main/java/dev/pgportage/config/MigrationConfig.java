package dev.pgportage.config;

import dev.pgportage.pg.Endpoint;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Everything a user can say about a migration; every setting but the two URLs has a default.
 *
 * @param name names the slot, the publication and the state; lower-case letters, digits and
 *     underscores, at most 40
 * @param source where the rows come from
 * @param target where they go
 * @param type what is done
 * @param filters which objects belong to it
 * @param schema how the schema comes to the target
 * @param load how the full load runs
 * @param apply how changes are applied
 * @param validation how rows are proven
 * @param cutover how the writes are moved over
 * @param safety what ends a run before it does harm
 * @param ddl what is done when the source's schema changes under way
 * @param notifications who is told what
 * @param web how the dashboard is served
 */
public record MigrationConfig(
    String name,
    Endpoint source,
    Endpoint target,
    Type type,
    Filters filters,
    Schema schema,
    Load load,
    Apply apply,
    Validation validation,
    Cutover cutover,
    Safety safety,
    Ddl ddl,
    Notifications notifications,
    Web web) {

  /** What is done when the source's schema changes while rows are loaded and replicated. */
  public enum Ddl {
    /** Shown, and made on the target once somebody approves it. */
    PAUSE,
    /** Made on the target at once. */
    APPLY,
    /** The migration ends with an error. */
    STOP
  }

  /**
   * A digest of what must stay as it is once the migration has begun: type, filters, the schema's
   * settings, slot and streams. The databases are not in it, since a failover may change how a host
   * is called.
   */
  public String settingsHash() {
    var text = new StringBuilder();
    String slots = apply.slot() + (apply.streams() == 1 ? "" : " of " + apply.streams());
    for (Object part : List.of(type, filters, schema, slots)) {
      String written = part.toString();
      text.append(written.length()).append(':').append(written);
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same settings with another size of batches. */
  public MigrationConfig withBatches(long bytes) {
    return new MigrationConfig(
        name,
        source,
        target,
        type,
        filters,
        schema,
        load,
        apply.withBatches(bytes),
        validation,
        cutover,
        safety,
        ddl,
        notifications,
        web);
  }

  /** What a migration does. */
  public enum Type {
    /** Copies one state of the source, proves it, and ends. */
    FULL_LOAD("full-load"),
    /** Replicates changes onto a target that already holds the rows. */
    CDC("cdc"),
    /** Copies, then replicates until cutover. */
    FULL_LOAD_AND_CDC("full-load-and-cdc");

    private final String label;

    Type(String label) {
      this.label = label;
    }

    /** Whether the rows are copied. */
    public boolean loads() {
      return this != CDC;
    }

    /** Whether changes are replicated. */
    public boolean replicates() {
      return this != FULL_LOAD;
    }

    /** The word in the file. */
    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * Which tables and sequences belong to the migration: {@code schema.name} patterns in which
   * {@code *} stands for any characters.
   *
   * @param include none means all
   * @param exclude taken out of what is included
   */
  public record Filters(List<String> include, List<String> exclude) {
    /** Copies the lists. */
    public Filters {
      include = List.copyOf(include);
      exclude = List.copyOf(exclude);
    }

    /** Everything. */
    public static Filters none() {
      return new Filters(List.of(), List.of());
    }

    /** Whether these filters leave nothing out. */
    public boolean isEmpty() {
      return include.isEmpty() && exclude.isEmpty();
    }
  }

  /**
   * How the schema comes to the target.
   *
   * @param mode who makes it
   * @param park what of a schema the user made is dropped while rows are loaded, and made again
   * @param owners whether objects keep their owners
   * @param privileges whether grants are kept
   * @param roles whether roles are made
   */
  public record Schema(Mode mode, Park park, Carry owners, Carry privileges, Roles roles) {
    /** Nothing parked; neither owners nor privileges nor roles. */
    public Schema(Mode mode) {
      this(mode, Park.NONE);
    }

    /** Neither owners nor privileges nor roles. */
    public Schema(Mode mode, Park park) {
      this(mode, park, Carry.DROP, Carry.DROP, Roles.NONE);
    }

    /** The same choices in another mode. */
    public Schema in(Mode other) {
      return new Schema(other, park, owners, privileges, roles);
    }

    /** What becomes of something that belongs to roles. */
    public enum Carry {
      /** It is left behind. */
      DROP,
      /** It is as on the source. */
      KEEP
    }

    /** What becomes of the roles themselves. */
    public enum Roles {
      /** They are there, or are made by others. */
      NONE,
      /** Those that are missing are made, without passwords. */
      CARRY
    }

    /** Who makes the schema on the target. */
    public enum Mode {
      /** pgportage, from pg_dump's dump. */
      MANAGED,
      /** The user did; the tables are empty. */
      EXISTING,
      /** The user did; the tables are emptied first. */
      TRUNCATE
    }

    /** What of a schema the user made is dropped while rows are loaded, and made again. */
    public enum Park {
      /** Nothing. */
      NONE("none"),
      /** Indexes that no key and no constraint needs. */
      INDEXES("indexes"),
      /** Foreign keys, also where the session could switch them off. */
      FOREIGN_KEYS("foreign-keys"),
      /** Both. */
      ALL("all");

      private final String label;

      Park(String label) {
        this.label = label;
      }

      /** Whether indexes are parked. */
      public boolean indexes() {
        return this == INDEXES || this == ALL;
      }

      /** Whether foreign keys are parked. */
      public boolean foreignKeys() {
        return this == FOREIGN_KEYS || this == ALL;
      }

      /** The word in the file. */
      @Override
      public String toString() {
        return label;
      }
    }
  }

  /**
   * How the full load runs.
   *
   * @param workers how many chunks are copied at once; each takes a connection on either side
   * @param indexWorkers how many indexes are built at once
   * @param chunkBytes about how large a chunk is
   * @param recopyLimit how many bytes at most may be copied again during the freeze
   * @param indexMemory how many bytes all index builds together may take of the target's memory
   * @param limits what protects the source
   * @param executor where chunks are copied, and summed up in proofs
   */
  public record Load(
      int workers,
      int indexWorkers,
      long chunkBytes,
      long recopyLimit,
      long indexMemory,
      Limits limits,
      Executor executor) {
    private static final long USUAL_INDEX_MEMORY = 1L << 30;

    /** The usual memory for index builds, and the usual limits; in this process. */
    public Load(int workers, int indexWorkers, long chunkBytes, long recopyLimit) {
      this(
          workers,
          indexWorkers,
          chunkBytes,
          recopyLimit,
          USUAL_INDEX_MEMORY,
          Limits.usual(),
          new Executor.Threads());
    }
  }

  /**
   * What protects the source while rows are copied.
   *
   * @param bytesPerSecond how much all workers together read; 0 for no limit
   * @param connectionsKept how many of its connections are left free
   * @param replicaLag how far its standbys may be behind before copying pauses
   * @param stopReplicaLag how far they may be behind before the load ends
   * @param snapshotAge how many transactions old the load's snapshot may become
   */
  public record Limits(
      long bytesPerSecond,
      int connectionsKept,
      Duration replicaLag,
      Duration stopReplicaLag,
      long snapshotAge) {

    /** The defaults. */
    public static Limits usual() {
      return new Limits(0, 3, Duration.ofSeconds(30), Duration.ofMinutes(10), 500_000_000);
    }
  }

  /**
   * How changes are applied.
   *
   * @param slot an existing slot to begin from, for type {@code cdc} only
   * @param streams among how many slots the tables are divided at most, each with an applier
   * @param batchRows how many changed rows one target transaction holds at most, but for a source
   *     transaction that is larger
   * @param batchBytes the same in bytes, of all streams together
   * @param heartbeat how often a mark is sent through the WAL to measure lag
   * @param spool where changes wait while the target cannot take them
   */
  public record Apply(
      Optional<String> slot,
      int streams,
      int batchRows,
      long batchBytes,
      Duration heartbeat,
      Spool spool) {
    /** In one stream, with the usual spool. */
    public Apply(Optional<String> slot, int batchRows, long batchBytes, Duration heartbeat) {
      this(slot, 1, batchRows, batchBytes, heartbeat, Spool.usual());
    }

    private Apply withBatches(long bytes) {
      return new Apply(slot, streams, batchRows, bytes, heartbeat, spool);
    }
  }

  /**
   * Where changes wait on this machine while the target cannot take them.
   *
   * @param directory what the spools of all migrations lie in; {@code ~} is the user's home
   * @param mostBytes how large those of all streams together may become; 0 for no spool
   * @param keptFree how much of the disk is left free
   * @param beginsAt how far the target must be behind before it is used while changes are applied
   * @param whenLost what is done when a spool that is needed is not there
   */
  public record Spool(
      String directory, long mostBytes, long keptFree, long beginsAt, WhenLost whenLost) {

    /** What is done when a spool that is needed is not there. */
    public enum WhenLost {
      /** The migration ends with an error. */
      STOP,
      /** Every table is loaded again. */
      RELOAD
    }

    /** The defaults. */
    public static Spool usual() {
      return new Spool("~/.local/state/pgportage", 10L << 30, 2L << 30, 256L << 20, WhenLost.STOP);
    }
  }

  /**
   * How rows are proven.
   *
   * @param workers how many tables are compared at once
   * @param maxRate how many bytes of tables each side reads in a second at most; 0 for no limit
   * @param every how often what changed is proven again while READY; zero for not by itself
   */
  public record Validation(int workers, long maxRate, Duration every) {}

  /**
   * How the writes are moved over.
   *
   * @param fence how writers on the source are stopped
   * @param roles with a fence by roles, which ones; empty for all that may log in
   * @param sequenceHeadroom how many values every sequence is set ahead
   * @param maxLag the lag under which the migration counts as caught up
   * @param drainTimeout how long the drain may take before the source is opened again
   * @param silence with an {@code external} fence, how long the source must have been quiet
   * @param reverse whether changes flow back after the cutover, so that it can be rolled back
   * @param switching how clients are led from one database to the other
   */
  public record Cutover(
      Fence fence,
      List<String> roles,
      long sequenceHeadroom,
      Duration maxLag,
      Duration drainTimeout,
      Duration silence,
      Reverse reverse,
      Switching switching) {
    /** Whether changes flow back to the source after the cutover. */
    public enum Reverse {
      /** They do: a rollback loses nothing. */
      ON,
      /** They do not: there is no way back. */
      OFF
    }

    /** How writers on the source are stopped. */
    public enum Fence {
      /** The database becomes read-only and its sessions are ended. */
      DATABASE,
      /** Roles may not log in any more, and their sessions are ended. */
      ROLES,
      /** The user stops the application; pgportage proves the silence. */
      EXTERNAL
    }
  }

  /**
   * What ends a run before it does harm, in every phase.
   *
   * @param stallAfter without progress for so long, what is waited for is told
   * @param stallLimit without progress for so long, the run ends
   * @param maxWalBytes how much WAL the slot may hold back; 0 for no limit
   * @param onMaxWal what is done when it holds back more
   * @param maxTargetBytes how large the target's database may become; 0 for no limit
   */
  public record Safety(
      Duration stallAfter,
      Duration stallLimit,
      long maxWalBytes,
      WalAction onMaxWal,
      long maxTargetBytes) {
    /** What is done when the slot holds back too much WAL. */
    public enum WalAction {
      /** The run ends; the slot keeps what it holds. */
      STOP,
      /** The slot is dropped, too. */
      RELEASE
    }

    /** The defaults. */
    public static Safety usual() {
      return new Safety(Duration.ofMinutes(1), Duration.ofHours(1), 100L << 30, WalAction.STOP, 0);
    }
  }
}
