package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.Side;
import java.util.List;

/**
 * Something an assessment found. It holds names and settings, never row values or secrets.
 *
 * @param check the check's id, as in docs/checks.md
 * @param title the check's name; the seven checks of AWS DMS keep theirs
 * @param severity what it means for the migration
 * @param side the database it was found in
 * @param objects the tables, roles, settings it is about, as people write them; may be empty
 * @param what what was found
 * @param why why it matters
 * @param fix what to do, for people: the remedies' statements, or a sentence
 * @param remedies the statements that mend it; empty if no statement does
 * @param code what the migration would fail with
 */
public record Finding(
    String check,
    String title,
    Severity severity,
    Side side,
    List<String> objects,
    String what,
    String why,
    String fix,
    List<Remedy> remedies,
    ErrorCode code) {

  /** Copies the lists. */
  public Finding {
    objects = List.copyOf(objects);
    remedies = List.copyOf(remedies);
  }

  /** What a finding means for the migration, the worst first. */
  public enum Severity {
    /** The migration would fail or lose data: it does not start. */
    BLOCKS,
    /** The migration can run; somebody should decide with open eyes. */
    WARNS,
    /** Good to know; nothing to do. */
    INFORMS
  }
}
