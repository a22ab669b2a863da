package dev.pgportage.workflow;

import java.time.Instant;
import java.util.Optional;

/**
 * How far one table, or all large objects, are proven.
 *
 * @param table its name
 * @param state where its proof stands
 * @param meaning the same as a sentence for people
 * @param provenLsn up to where in the source's history both sides are proven equal
 * @param changedLsn a change that came after the proof
 * @param comparedAt when all of it was last read
 */
public record TableProof(
    String table,
    State state,
    String meaning,
    Optional<String> provenLsn,
    Optional<String> changedLsn,
    Optional<Instant> comparedAt) {

  /** The state but for a comparison that is under way: what holds until that has ended. */
  public State standing() {
    if (state != State.COMPARING || provenLsn.isEmpty()) {
      return state;
    }
    return changedLsn.isPresent() ? State.CHANGED : State.PROVEN;
  }

  /** Where the proof of a table stands. */
  public enum State {
    /** Equal, and not changed since. */
    PROVEN,
    /** Proven equal once, and changed since: the next proof reads the rows that changed. */
    CHANGED,
    /** Rows differ. */
    DIFFERS,
    /** Being compared just now. */
    COMPARING,
    /** Not compared yet. */
    NOT_COMPARED,
    /** No stream tells its changes: copied again, and proven, in the freeze. */
    RECOPIED
  }
}
