package dev.pgportage;

import java.util.Locale;

/**
 * The kinds of failure the program can end with, each with its exit status, whether trying again
 * can help, and what the user can do.
 *
 * <p>Constants are grouped by the phase that raises them. A remedy is a sentence to the user; it
 * names settings and commands, never row values or secrets.
 */
public enum ErrorCode {
  // Usage and configuration
  USAGE(2, Retry.NO, "See 'pgportage --help'."),
  CONFIG_INVALID(2, Retry.NO, "Correct the listed keys; 'pgportage init' writes a commented file."),
  CONFIG_NOT_FOUND(2, Retry.NO, "Name the file with --config, or write one with 'pgportage init'."),
  CONFIG_CHANGED(
      2,
      Retry.NO,
      "Give the migration the settings it was started with, or start another one with another"
          + " name."),
  SECRET_UNAVAILABLE(
      2, Retry.NO, "Set the environment variable, or put the password into a pass file."),

  // AWS
  AWS_NOT_CONFIGURED(
      2,
      Retry.NO,
      "Log in to AWS: 'aws sso login' with --profile, AWS_PROFILE, AWS_ACCESS_KEY_ID and"
          + " AWS_SECRET_ACCESS_KEY, or a role of the machine; name the region with --region or"
          + " AWS_REGION."),
  AWS_DENIED(
      1,
      Retry.NO,
      "Allow the action named above to this user or role; docs/aws.md lists the whole policy."),
  AWS_FAILED(1, Retry.YES, "Correct what AWS says above; if it only was busy, run it again."),
  AWS_UNREACHABLE(
      1, Retry.YES, "Check the region's name, the network and the proxy between here and AWS."),
  AWS_CHECKS_FAILED(3, Retry.NO, "Correct what is listed, then run it again; nothing was made."),
  AWS_STACK_UNKNOWN(
      2,
      Retry.NO,
      "Name the stack with --stack and its region, or make it: 'pgportage aws deploy'."),
  AWS_STACK_FAILED(
      1,
      Retry.NO,
      "Correct what the first failed resource says, remove the rest with 'pgportage aws delete', then"
          + " deploy again."),
  AWS_STACK_BUSY(1, Retry.NO, "Wait until the stack's operation has ended, then run it again."),
  AWS_WORKFLOW_FAILED(
      1, Retry.NO, "Correct what the failed state says, then run 'pgportage aws start' again."),

  // Connections
  HOST_UNKNOWN(1, Retry.YES, "Check the host name in the URL and the DNS of this machine."),
  CONNECTION_REFUSED(
      1, Retry.YES, "Check host, port and firewall, and that the server accepts TCP connections."),
  CONNECTION_TIMEOUT(
      1, Retry.YES, "Check host, port and firewall (security group) between here and the server."),
  CONNECTION_LOST(1, Retry.YES, "Run the same command again: it continues where it stopped."),
  AUTHENTICATION_FAILED(1, Retry.NO, "Check user, password and pg_hba.conf."),
  DATABASE_UNKNOWN(1, Retry.NO, "Check the database's name in the URL."),
  TLS_FAILED(
      1,
      Retry.NO,
      "Check the server's certificate and sslrootcert; sslmode=verify-full is the default outside"
          + " loopback."),
  TOO_MANY_CONNECTIONS(1, Retry.YES, "Lower 'load.workers', or raise max_connections."),
  PRIVILEGE_MISSING(1, Retry.NO, "Grant what docs/privileges.md lists, then run again."),

  // Fleet
  FLEET_FAILED(
      1,
      Retry.NO,
      "Some migrations of the fleet failed, each for the reason it names. Correct it, then run the"
          + " same command again: the others are where they were."),

  // Assessment
  ASSESSMENT_BLOCKED(3, Retry.NO, "Fix the findings marked BLOCKS, then run again."),
  NOTHING_SELECTED(2, Retry.NO, "Widen 'filters': no table matches them."),
  SAME_DATABASE(2, Retry.NO, "Source and target are one database; name another target."),
  TARGET_NOT_EMPTY(
      1,
      Retry.NO,
      "Empty the target, choose another database, or set 'schema.mode: existing' if its schema is"
          + " already there."),
  SOURCE_NOT_LOGICAL(
      1,
      Retry.NO,
      "Set wal_level=logical (RDS/Aurora: rds.logical_replication=1) and restart the server."),
  TABLE_HIDDEN_BY_RLS(
      1, Retry.NO, "Let the migration role bypass row security: ALTER ROLE … BYPASSRLS."),

  // Schema
  PG_DUMP_MISSING(
      1,
      Retry.NO,
      "Install the PostgreSQL client programs (Debian: apt-get install postgresql-client), or set"
          + " PGPORTAGE_PG_BIN to their directory."),
  PG_DUMP_TOO_OLD(
      1,
      Retry.NO,
      "Install pg_dump of the source's version or newer and set PGPORTAGE_PG_BIN to its directory,"
          + " or apply the schema yourself and set 'schema.mode: existing'."),
  PG_DUMP_FAILED(1, Retry.NO, "Read pg_dump's message above; it usually is a missing privilege."),
  SCHEMA_OBJECT_BLOCKED(
      1, Retry.NO, "Exclude the object in 'filters', or make the target able to hold it."),
  SCHEMA_APPLY_FAILED(
      1, Retry.NO, "Correct what the server's message names, then run the same command again."),
  SCHEMA_DIFFERS(
      3, Retry.NO, "Apply the listed differences to the target, then run the same command again."),
  SCHEMA_CHANGED(
      1,
      Retry.NO,
      "The source's schema changed under way. Apply the same change to the target, then run the"
          + " same command again."),
  CONSTRAINT_VIOLATED(
      1, Retry.NO, "The data does not satisfy a constraint. Correct it on the source."),

  // Replication
  SLOT_TAKEN(
      1,
      Retry.NO,
      "A replication slot of that name exists and is not this migration's. Choose another migration"
          + " name, or drop the slot."),
  SLOT_LOST(
      1,
      Retry.NO,
      "The source removed WAL the slot needed (wal_status=lost). Raise max_slot_wal_keep_size, run"
          + " 'cleanup', empty the target, and start again."),
  NO_FREE_SLOT(
      1,
      Retry.YES,
      "Drop a slot nobody needs (pg_replication_slots), or raise max_replication_slots and restart"
          + " the source."),
  SLOT_IN_USE(1, Retry.YES, "Another process reads the slot; stop it or wait for it."),
  SLOT_MISSING(
      1,
      Retry.NO,
      "The replication slot is gone (dropped, or lost in a failover). Run 'cleanup', empty the"
          + " target, and start again."),
  PUBLICATION_TAKEN(
      1,
      Retry.NO,
      "A publication of that name exists and is not this migration's. Choose another migration"
          + " name, or drop the publication."),
  SNAPSHOT_LOST(1, Retry.YES, "The exported snapshot is gone; unfinished tables are loaded anew."),
  PROTOCOL_VIOLATION(
      1, Retry.NO, "The source sent a replication message this version cannot read. Report it."),
  APPLY_FAILED(
      1, Retry.NO, "Correct what the server's message names, then run the same command again."),
  TARGET_DIVERGED(
      1,
      Retry.NO,
      "A row the source changed is not on the target: something else writes there. Stop it, run"
          + " 'validate' to see the differences, and start again."),

  // Load
  LOAD_FAILED(
      1, Retry.NO, "Correct what the server's message names, then run the same command again."),
  SOURCE_ENDANGERED(
      1,
      Retry.NO,
      "A limit that protects the source was passed. See to it that the source recovers, then run"
          + " the same command again; the limits are settings of 'load'."),
  DISK_FULL(1, Retry.NO, "The server's disk is full. Make room, then run the same command again."),

  // Workers on other machines
  CLUSTER_UNREACHABLE(
      1,
      Retry.YES,
      "Check executor.flink_url, and that Flink's JobManager runs and has TaskManagers with free"
          + " slots."),
  CLUSTER_FAILED(
      1,
      Retry.NO,
      "Read Flink's message above and its logs. docs/scaling.md says what its processes need; with"
          + " 'executor.kind: threads' the same migration goes on without it."),

  // Validation
  DATA_DIFFERS(3, Retry.NO, "See the listed keys; nothing was switched."),
  VALIDATION_FAILED(1, Retry.NO, "Correct what the server's message names, then run again."),
  REPAIR_FAILED(
      1,
      Retry.NO,
      "Nothing was repaired. Correct what the message names, then run 'validate --repair' again."),
  TABLE_REWRITTEN(
      1,
      Retry.YES,
      "A TRUNCATE or a rewrite of the table came while it was compared; run the same command"
          + " again."),

  // Spool
  SPOOL_LOST(
      1,
      Retry.NO,
      "Run it on the machine and in the directory named above. If that spool is gone for good, set"
          + " 'spool.when_lost: reload': every table is then loaded again."),
  SPOOL_FAILED(
      1,
      Retry.NO,
      "Check the disk that 'spool.directory' is on; nothing is lost that the source was told to"
          + " forget, unless this machine's disk has lost it."),
  SPOOL_IN_USE(1, Retry.YES, "End the other pgportage process that runs this migration here."),

  // Cutover
  NOT_READY(1, Retry.NO, "Wait until 'pgportage status' says READY."),
  FENCE_FAILED(
      1,
      Retry.NO,
      "Writers on the source could not be stopped; the source is writable again. Stop them yourself"
          + " and use 'cutover.fence: external'."),
  FENCE_BREACHED(
      1,
      Retry.NO,
      "The source was written to behind the fence; it is writable again. Find the writer named"
          + " above."),
  DRAIN_TIMEOUT(
      1, Retry.NO, "The target did not catch up in time; the source is writable again. Try later."),
  UNFENCE_FAILED(
      1,
      Retry.NO,
      "The source may still be read-only: run the SQL printed above as its owner, at once."),
  HOOK_FAILED(
      1,
      Retry.NO,
      "Nothing has moved, and writers are let in again. Correct what is named above, then run the"
          + " same command again."),
  SWITCH_INCOMPLETE(
      1,
      Retry.NO,
      "The writes have moved: lead the clients named above there by hand, or run 'migrate', which"
          + " tries again."),
  REVERSE_IMPOSSIBLE(
      1,
      Retry.NO,
      "Nothing was changed. Give both sides what is listed, or set 'cutover.reverse: off': then there"
          + " is no way back after the cutover."),
  SEQUENCE_FAILED(1, Retry.NO, "Correct what the server's message names, then run again."),

  // State and running
  LEASE_HELD(
      1, Retry.NO, "Another pgportage process runs this migration. Stop it first, or wait for it."),
  LEASE_LOST(4, Retry.NO, "Another process took the migration over; this one stops."),
  MIGRATION_UNKNOWN(
      2, Retry.NO, "No migration of that name is in the target's state. Run 'migrate' first."),
  STATE_NEWER(
      1, Retry.NO, "The state was written by a newer pgportage. Use that version or newer."),
  EMERGENCY_STOPPED(
      1,
      Retry.NO,
      "Its slot is gone, so what the source has committed since is not known: run 'cleanup', empty"
          + " the target, and start again."),
  WRONG_STEP(2, Retry.NO, "See 'pgportage status' for where the migration stands."),
  CLEANUP_INCOMPLETE(1, Retry.NO, "Drop the listed objects by hand, then run 'cleanup' again."),
  STALLED(1, Retry.NO, "See what it waits for above; end the blocker and run again."),
  INTERRUPTED(4, Retry.NO, "Run the same command again: it continues where it stopped."),
  WEB_REFUSED(
      2,
      Retry.NO,
      "Give it a certificate (web.certificate and web.key, or web.keystore), leave web.bind at"
          + " 127.0.0.1, or set web.plain: allow if something in front of it encrypts."),
  WEB_UNAVAILABLE(2, Retry.NO, "Choose another web.bind or web.port, or run without it: --no-ui."),
  DEMO_UNAVAILABLE(1, Retry.NO, "Install what is missing, then run 'pgportage demo' again."),
  SQL_FAILED(1, Retry.NO, "Correct what the server's message names, then run again."),
  INTERNAL(1, Retry.NO, "This is a defect of pgportage. Please report it with the lines above.");

  /** Whether doing the same again, after a while, can succeed without anybody changing anything. */
  public enum Retry {
    /** The cause may pass by itself: a connection cut, a server restarting, a lock. */
    YES,
    /** Somebody has to change something first. */
    NO
  }

  private final int exitStatus;
  private final Retry retry;
  private final String remedy;

  ErrorCode(int exitStatus, Retry retry, String remedy) {
    this.exitStatus = exitStatus;
    this.retry = retry;
    this.remedy = remedy;
  }

  /** The process's exit status: 1 failed, 2 usage, 3 findings or differences, 4 resumable. */
  public int exitStatus() {
    return exitStatus;
  }

  /** Whether the same operation may succeed later without anybody's help. */
  public Retry retry() {
    return retry;
  }

  /** What the user can do, as a sentence. */
  public String remedy() {
    return remedy;
  }

  /** The code's place in docs/errors.md, as a page's fragment. */
  public String anchor() {
    return name().toLowerCase(Locale.ROOT);
  }
}
