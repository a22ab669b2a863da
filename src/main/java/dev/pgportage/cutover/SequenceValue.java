package dev.pgportage.cutover;

import dev.pgportage.schema.Sequence;
import java.math.BigInteger;

/**
 * Where a sequence stands. Source: PostgreSQL manual, "Sequence Manipulation Functions", setval.
 *
 * @param sequence which one
 * @param lastValue its last value, or its first one if it was never called
 * @param called whether the last value was given out
 */
record SequenceValue(Sequence sequence, long lastValue, boolean called) {
  /**
   * The value to set on the target, a number of calls ahead in the sequence's own direction.
   *
   * <p>A sequence that was never called stays so. One that has not that many values left before its
   * end gets no headroom: behind the fence its last value is exact, and taking away the values it
   * has left, or jumping over a cycle's end, would do harm where headroom does only good.
   *
   * @param headroom how many values to leave out; 0 for exactly the same
   */
  SequenceValue ahead(long headroom) {
    if (!called) {
      return this;
    }
    BigInteger value =
        BigInteger.valueOf(headroom)
            .multiply(BigInteger.valueOf(sequence.increment()))
            .add(BigInteger.valueOf(lastValue));
    boolean inRange =
        value.compareTo(BigInteger.valueOf(sequence.min())) >= 0
            && value.compareTo(BigInteger.valueOf(sequence.max())) <= 0;
    return inRange ? new SequenceValue(sequence, value.longValueExact(), true) : this;
  }
}
