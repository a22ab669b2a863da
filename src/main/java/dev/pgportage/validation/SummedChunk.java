package dev.pgportage.validation;

import java.math.BigInteger;
import java.util.Map;

/**
 * What came of a chunk that was summed up on another machine.
 *
 * @param rows how many it has
 * @param first the first sum of their hashes
 * @param second the second one
 */
record SummedChunk(long rows, String first, String second) {
  static SummedChunk of(Summary summary) {
    Summary.Bucket total = summary.total();
    return new SummedChunk(total.rows(), total.first().toString(), total.second().toString());
  }

  Summary summary() {
    return new Summary(
        Map.of(0L, new Summary.Bucket(rows, new BigInteger(first), new BigInteger(second))));
  }
}
