package dev.pgportage.schema;

import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;

/**
 * What is done with one entry of the archive.
 *
 * @param decision what
 * @param stage when, before what it depends on is looked at
 * @param reason why, or empty
 * @param sql what is run, or empty
 * @param absent whether the object will not be on the target, so that what needs it cannot be made
 */
record Verdict(Decision decision, Stage stage, String reason, String sql, boolean absent) {

  static Verdict apply(Stage stage, TocEntry entry) {
    return new Verdict(Decision.APPLY, stage, "", entry.definition(), false);
  }

  static Verdict rewrite(Stage stage, String reason, String sql) {
    return new Verdict(Decision.REWRITE, stage, reason, sql, false);
  }

  static Verdict defer(Stage stage, String reason, String sql) {
    return new Verdict(Decision.DEFER, stage, reason, sql, false);
  }

  /** The object is not made, and will not be there. */
  static Verdict leaveOut(String reason) {
    return new Verdict(Decision.SKIP, Stage.PRE_DATA, reason, "", true);
  }

  /** There is nothing to make: it is there already, or nothing can need it. */
  static Verdict skip(String reason) {
    return new Verdict(Decision.SKIP, Stage.PRE_DATA, reason, "", false);
  }

  static Verdict block(String reason) {
    return new Verdict(Decision.BLOCK, Stage.PRE_DATA, reason, "", true);
  }
}
