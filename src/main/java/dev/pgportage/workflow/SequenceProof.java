package dev.pgportage.workflow;

import dev.pgportage.cutover.Sequences;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Sequence;
import dev.pgportage.state.SequencesSet;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The proof of sequences before the cutover: no stream tells their values, so they are set ahead of
 * the source's each time all is compared, and must stand there still the next time.
 */
final class SequenceProof {
  private final Session session;
  private final List<Sequence> sequences;

  SequenceProof(Session session, Plan plan) {
    this.session = session;
    this.sequences = plan.objects().sequences();
  }

  /**
   * Those of the target that somebody used or set since they were set; told as an event. If there
   * are none, all are set ahead of the source's once more.
   *
   * @param again whether they are set even if some were moved
   */
  List<QualifiedName> moved(boolean again) throws SQLException {
    try (Connection target = session.target().open("sequences")) {
      Map<QualifiedName, SequencesSet.Position> now = Sequences.positions(target, sequences);
      Map<QualifiedName, SequencesSet.Position> set = session.sequencesSet().all(target);
      var moved = new TreeSet<QualifiedName>();
      now.forEach(
          (name, position) ->
              Optional.ofNullable(set.get(name))
                  .filter(known -> !known.equals(position))
                  .ifPresent(_ -> moved.add(name)));
      if (!moved.isEmpty()) {
        session
            .monitor()
            .event(
                Event.warning(
                    "validation.difference",
                    "Sequences of the target do not stand where they were set: " + moved));
      }
      if (moved.isEmpty() || again) {
        session.carrySequences(sequences);
        for (var entry : Sequences.positions(target, sequences).entrySet()) {
          session.sequencesSet().save(target, entry.getKey(), entry.getValue());
        }
      }
      return List.copyOf(moved);
    }
  }

  int count() {
    return sequences.size();
  }
}
