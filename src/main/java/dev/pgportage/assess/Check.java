package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import java.sql.SQLException;
import java.util.List;

/**
 * One question asked of one database or of both, with everything docs/checks.md says of it.
 *
 * @param id its name in output and documentation
 * @param title its name for people; AWS DMS's own for the seven it shares with DMS
 * @param dms the names of the DMS assessments it stands for; may be empty
 * @param scope for which migrations it is made
 * @param sides where; it is asked once for each
 * @param worst the worst it can find; also what it finds when it cannot look
 * @param code what a migration that ignored it would fail with
 * @param passes what it wants to see, as a sentence
 * @param why why that matters
 * @param fix what to do in general; a finding has the exact statements
 * @param body asks
 */
record Check(
    String id,
    String title,
    List<String> dms,
    Scope scope,
    List<Side> sides,
    Severity worst,
    ErrorCode code,
    String passes,
    String why,
    String fix,
    Body body) {

  /** Asks one database. */
  @FunctionalInterface
  interface Body {
    void examine(Examination examination) throws SQLException;
  }

  /** Starts a check of one database or of both. */
  static Builder named(String id, String title, Side... sides) {
    return new Builder(id, title, List.of(sides));
  }

  /** Collects a check's parts under their names. */
  static final class Builder {
    private final String id;
    private final String title;
    private final List<Side> sides;
    private List<String> dms = List.of();
    private Scope scope = Scope.ALWAYS;
    private Severity worst = Severity.BLOCKS;
    private ErrorCode code = ErrorCode.ASSESSMENT_BLOCKED;
    private String passes = "";
    private String why = "";
    private String fix = "";

    private Builder(String id, String title, List<Side> sides) {
      this.id = id;
      this.title = title;
      this.sides = sides;
    }

    Builder dms(String... names) {
      dms = List.of(names);
      return this;
    }

    Builder when(Scope condition) {
      scope = condition;
      return this;
    }

    Builder worst(Severity severity) {
      worst = severity;
      return this;
    }

    Builder code(ErrorCode failure) {
      code = failure;
      return this;
    }

    Builder passes(String sentence) {
      passes = sentence;
      return this;
    }

    Builder why(String sentence) {
      why = sentence;
      return this;
    }

    Builder fix(String sentence) {
      fix = sentence;
      return this;
    }

    /**
     * A check that lists what a query finds, all in one finding of the worst severity.
     *
     * @param start what the listed objects are, the beginning of a sentence
     * @param sql gives one text per object, in order
     */
    Check lists(String start, String sql) {
      return by(e -> e.foundAll(start, e.texts(sql)));
    }

    /** The same; the query's parameter is the array of the OIDs of the migration's tables. */
    Check listsOfTables(String start, String sql) {
      return by(e -> e.foundAll(start, e.texts(sql, Names.array(e.tableOids()))));
    }

    Check by(Body body) {
      return new Check(id, title, dms, scope, sides, worst, code, passes, why, fix, body);
    }
  }
}
