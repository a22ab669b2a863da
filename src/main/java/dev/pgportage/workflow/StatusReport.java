package dev.pgportage.workflow;

import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.StepAttempts;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where a migration stands, read from its state; the same whoever runs it.
 *
 * @param migration its name
 * @param type what it does
 * @param phase the present step, or {@code cut-over}, {@code done}
 * @param phaseSince since when
 * @param running whether a process runs it now
 * @param holder which process runs or ran it last
 * @param steps all steps of its type in their order; those not begun yet are pending
 * @param attempts every time a step was begun, the oldest first
 * @param gauges the figures that tell whether it does harm, as far as both servers answer
 * @param tables the load of each table
 * @param applied what was applied of the changes since the slot was made, if it replicates
 * @param replication how far the changes are, if it replicates and the source answers; of several
 *     streams the least position, and the slot that is worst off
 * @param streams how far the changes of each stream are, if there are several
 * @param lagMillis the lag in time, either way, as the running process measured it in the last
 *     seconds
 * @param spool how full the spool is, once there is one
 * @param sourceProblem why the source does not answer, if it was asked in vain
 * @param validation the newest proof of each table
 * @param proofs how far each table is proven, and what of it has changed since
 * @param comparing how far the comparison is that is under way
 * @param eventCounts how many events of each level there are
 * @param recentEvents the last events, the oldest first
 * @param schemaChange the change of the source's schema that waits to be made on the target
 * @param reverse how far changes are on their way back, after a cutover that can be rolled back
 * @param channels how the channels fare on which people are told
 */
public record StatusReport(
    String migration,
    String type,
    String phase,
    Instant phaseSince,
    boolean running,
    Optional<String> holder,
    List<StepLog.Step> steps,
    List<StepAttempts.Attempt> attempts,
    List<Gauge> gauges,
    List<TableLoad> tables,
    Optional<Applied> applied,
    Optional<Replication> replication,
    List<Stream> streams,
    Optional<Long> lagMillis,
    Optional<Spool> spool,
    Optional<String> sourceProblem,
    List<ValidationResults.Result> validation,
    List<TableProof> proofs,
    Optional<Comparing> comparing,
    EventCounts eventCounts,
    List<Event> recentEvents,
    Optional<PendingChange> schemaChange,
    Optional<Reverse> reverse,
    List<NoticeLog.Channel> channels) {

  /**
   * How far a comparison of rows is.
   *
   * @param tables how many tables are compared
   * @param done how many of them are
   * @param rows rows of the source that are read
   * @param plannedRows rows expected, an estimate
   * @param bytes bytes that are read on each side
   * @param plannedBytes bytes expected, an estimate
   * @param underWay the tables that are being read, the largest first
   */
  public record Comparing(
      int tables,
      long done,
      long rows,
      long plannedRows,
      long bytes,
      long plannedBytes,
      List<TableComparing> underWay) {
    /** Copies the list. */
    public Comparing {
      underWay = List.copyOf(underWay);
    }
  }

  /**
   * How far one table is compared.
   *
   * @param table its name
   * @param rows rows of the source that are read
   * @param plannedRows rows expected, an estimate
   * @param bytes bytes that are read on each side
   * @param plannedBytes bytes expected, an estimate
   * @param since since when
   */
  public record TableComparing(
      String table, long rows, long plannedRows, long bytes, long plannedBytes, Instant since) {}

  /**
   * How far the changes are that flow back to the source after a cutover.
   *
   * @param slot the slot on the target
   * @param targetLsn the target's present position
   * @param appliedLsn the end of the target's last transaction that is on the source
   * @param lagBytes WAL between the two
   * @param appliedAt when the last batch was applied
   * @param retainedBytes WAL the slot holds back on the target
   * @param walStatus the slot's {@code wal_status}
   */
  public record Reverse(
      String slot,
      String targetLsn,
      String appliedLsn,
      long lagBytes,
      Instant appliedAt,
      long retainedBytes,
      String walStatus) {}

  /**
   * How far one table's load is.
   *
   * @param table its name
   * @param state {@code planned}, {@code copying} or {@code copied}
   * @param rows rows on the target by the ledger
   * @param plannedRows rows expected, an estimate
   * @param plannedBytes bytes expected, an estimate
   */
  public record TableLoad(
      String table, String state, long rows, long plannedRows, long plannedBytes) {}

  /**
   * What was applied of the source's changes, as the source made them.
   *
   * @param transactions transactions with at least one change
   * @param inserts rows inserted
   * @param updates rows updated
   * @param deletes rows deleted
   * @param truncates tables truncated
   * @param bytes size of the stream's messages
   * @param schemaChanges changes of the source's schema that were made on the target
   */
  public record Applied(
      long transactions,
      long inserts,
      long updates,
      long deletes,
      long truncates,
      long bytes,
      long schemaChanges) {}

  /**
   * How many events there are.
   *
   * @param infos of the usual course
   * @param warnings to look at
   * @param errors at which the migration stopped
   */
  public record EventCounts(long infos, long warnings, long errors) {}

  /**
   * How far the changes are.
   *
   * @param slot the slot
   * @param sourceLsn the source's present position
   * @param appliedLsn the end of the last transaction on the target
   * @param lagBytes WAL between the two
   * @param appliedAt when the last batch was applied
   * @param retainedBytes WAL the slot holds back on the source
   * @param walStatus the slot's {@code wal_status}
   */
  public record Replication(
      String slot,
      String sourceLsn,
      String appliedLsn,
      long lagBytes,
      Instant appliedAt,
      long retainedBytes,
      String walStatus) {}

  /**
   * How far the changes of one stream are.
   *
   * @param number its number, from 1 on
   * @param slot its slot
   * @param tables how many tables go by it, partitions counted one by one
   * @param sourceLsn the source's present position
   * @param appliedLsn the end of its last transaction on the target
   * @param lagBytes WAL between the two
   * @param appliedAt when its last batch was applied
   * @param retainedBytes WAL its slot holds back on the source
   * @param walStatus its slot's {@code wal_status}
   * @param spoolBytes what its spool takes
   */
  public record Stream(
      int number,
      String slot,
      long tables,
      String sourceLsn,
      String appliedLsn,
      long lagBytes,
      Instant appliedAt,
      long retainedBytes,
      String walStatus,
      long spoolBytes) {}

  /**
   * Where changes wait while the target cannot take them; of several streams all spools together.
   *
   * @param host the machine it is on
   * @param directory where it is there; of several the fullest
   * @param bytes what it takes
   * @param mostBytes what it may take
   * @param fromLsn where its changes begin; of several those of the fullest
   * @param toLsn everything committed before it was received
   * @param lagBytes WAL between the applied position and {@code toLsn}: received, but not applied
   * @param full whether there is no room, so that the source keeps its WAL
   * @param notedAt as of when
   */
  public record Spool(
      String host,
      String directory,
      long bytes,
      long mostBytes,
      String fromLsn,
      String toLsn,
      long lagBytes,
      boolean full,
      Instant notedAt) {}
}
