package dev.pgportage.state;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The named places where the program can be made to die, to prove that it goes on exactly after
 * that: before and after every commit that matters.
 *
 * <p>{@code PGPORTAGE_CRASH_AT=name} kills the process with SIGKILL at the first passage, {@code
 * name:3} at the third; {@code PGPORTAGE_SLEEP_AT} stops it there with SIGSTOP instead. Unset,
 * passing a point costs two comparisons.
 */
public enum CrashPoint {
  FIX_BEFORE("fix.before"),
  FIX_AFTER("fix.after"),
  SCHEMA_BEFORE_OBJECT("schema.before-object"),
  SCHEMA_AFTER_OBJECT("schema.after-object"),
  LEDGER_BEFORE_PUBLICATION("ledger.before-publication"),
  AFTER_PUBLICATION("publication.after"),
  BEFORE_SLOT("slot.before"),
  AFTER_SLOT("slot.after"),
  STREAMS_AFTER_PUBLICATION("streams.after-publication"),
  STREAMS_AFTER_SLOT("streams.after-slot"),
  LOAD_BEFORE_CHUNK_COMMIT("load.before-chunk-commit"),
  LOAD_AFTER_CHUNK_COMMIT("load.after-chunk-commit"),
  LOAD_BEFORE_MENDED_COMMIT("load.before-mended-commit"),
  LOAD_AFTER_TABLE("load.after-table"),
  INDEX_AFTER_BUILD("index.after-build"),
  APPLY_BEFORE_COMMIT("apply.before-commit"),
  APPLY_AFTER_COMMIT("apply.after-commit"),
  APPLY_AFTER_CONFIRM("apply.after-confirm"),
  SPOOL_BEFORE_SYNC("spool.before-sync"),
  SPOOL_AFTER_SYNC("spool.after-sync"),
  SPOOL_AFTER_CONFIRM("spool.after-confirm"),
  SPOOL_AFTER_ARMING("spool.after-arming"),
  STREAMED_AFTER_PIECE("streamed.after-piece"),
  STREAMED_BEFORE_COMMIT("streamed.before-commit"),
  CONSTRAINT_AFTER_ADD("constraint.after-add"),
  READY("ready"),
  DDL_BEFORE_COMMIT("ddl.before-commit"),
  DDL_AFTER_COMMIT("ddl.after-commit"),
  DDL_AFTER_PUBLICATION("ddl.after-publication"),
  VALIDATION_AFTER_PART("validation.after-part"),
  VALIDATION_AFTER_TABLE("validation.after-table"),
  REPAIR_BEFORE_UNDO("repair.before-undo"),
  REPAIR_AFTER_UNDO("repair.after-undo"),
  REPAIR_AFTER_COMMIT("repair.after-commit"),
  CUTOVER_BEFORE_FENCE("cutover.before-fence"),
  FENCE_AFTER_PLAN("fence.after-plan"),
  FENCE_AFTER_PUT("fence.after-put"),
  CUTOVER_AFTER_FENCE("cutover.after-fence"),
  CUTOVER_AFTER_DRAIN("cutover.after-drain"),
  CUTOVER_AFTER_RECOPY("cutover.after-recopy"),
  CUTOVER_AFTER_SEQUENCES("cutover.after-sequences"),
  CUTOVER_AFTER_PROOF("cutover.after-proof"),
  CUTOVER_AFTER_OPEN("cutover.after-open"),
  SWITCH_AFTER_PAUSE("switch.after-pause"),
  REVERSE_AFTER_STATE("reverse.after-state"),
  REVERSE_AFTER_PUBLICATION("reverse.after-publication"),
  REVERSE_AFTER_SLOT("reverse.after-slot"),
  REVERSE_AFTER_BEGIN("reverse.after-begin"),
  ROLLBACK_BEFORE_FENCE("rollback.before-fence"),
  ROLLBACK_AFTER_OPEN("rollback.after-open"),
  ROLLBACK_AFTER_UNFENCE("rollback.after-unfence"),
  CLEANUP_BEFORE_COMMIT("cleanup.before-commit"),
  CLEANUP_AFTER_SLOT("cleanup.after-slot");

  private static final @Nullable String WANTED = System.getenv("PGPORTAGE_CRASH_AT");
  private static final @Nullable String SLEEPS = System.getenv("PGPORTAGE_SLEEP_AT");
  private static final Map<CrashPoint, AtomicInteger> PASSAGES = new ConcurrentHashMap<>();

  private final String label;

  CrashPoint(String label) {
    this.label = label;
  }

  /** The point's name as {@code PGPORTAGE_CRASH_AT} takes it. */
  public String label() {
    return label;
  }

  /** Passes the point: returns at once, or never. */
  public void pass() {
    if (WANTED == null && SLEEPS == null) {
      return;
    }
    int passage = PASSAGES.computeIfAbsent(this, _ -> new AtomicInteger()).incrementAndGet();
    if (isMeant(WANTED, passage)) {
      die();
    }
    if (isMeant(SLEEPS, passage)) {
      sleep();
    }
  }

  private boolean isMeant(@Nullable String wanted, int passage) {
    if (wanted == null) {
      return false;
    }
    String[] parts = wanted.split(":", 2);
    return parts[0].equals(label)
        && passage == (parts.length == 2 ? Integer.parseInt(parts[1]) : 1);
  }

  /** Returns when somebody sends SIGCONT. */
  private static void sleep() {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
    } catch (IOException | InterruptedException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  private static void die() {
    try {
      new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
      Thread.sleep(Long.MAX_VALUE);
    } catch (IOException | InterruptedException e) {
      Runtime.getRuntime().halt(137);
    }
  }
}
