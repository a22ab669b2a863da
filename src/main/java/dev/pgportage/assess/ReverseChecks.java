package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import dev.pgportage.schema.ReverseNeeds;
import java.sql.SQLException;
import java.util.List;

/** Whether changes could flow back after the cutover, so that it can be rolled back. */
final class ReverseChecks {
  private ReverseChecks() {}

  static final Check SOURCE =
      Check.named("reverse-source", "Way Back to the Source", Side.SOURCE)
          .when(Scope.REVERSES)
          .worst(Severity.WARNS)
          .code(ErrorCode.REVERSE_IMPOSSIBLE)
          .passes(
              "The role may write to every table and sequence of the migration, set"
                  + " session_replication_role, and make a schema.")
          .why(
              "After the cutover changes flow back to the source, so that a rollback loses nothing;"
                  + " the cutover is refused where they could not.")
          .fix("What the finding says, or `cutover.reverse: off`: then there is no way back.")
          .by(e -> tell(e, ReverseNeeds.ofSource(e.connection(), e.objects())));

  static final Check TARGET =
      Check.named("reverse-target", "Way Back from the Target", Side.TARGET)
          .when(Scope.REVERSES)
          .worst(Severity.WARNS)
          .code(ErrorCode.REVERSE_IMPOSSIBLE)
          .passes(
              "wal_level is logical, a slot and a WAL sender are free, and the role may replicate and"
                  + " make a publication.")
          .why(
              "After the cutover changes are read from a slot on the target, so that a rollback"
                  + " loses nothing; the cutover is refused where they could not be.")
          .fix("What the finding says, or `cutover.reverse: off`: then there is no way back.")
          .by(e -> tell(e, ReverseNeeds.ofTarget(e.connection())));

  private static void tell(Examination e, List<ReverseNeeds.Need> needs) throws SQLException {
    for (ReverseNeeds.Need need : needs) {
      e.found(
          Severity.WARNS,
          List.of(),
          need.what(),
          need.fix() + "; or cutover.reverse: off, and there is no way back");
    }
  }
}
