package dev.pgportage.state;

import dev.pgportage.pg.Side;
import java.math.BigInteger;

/**
 * What one side's rows on the first pages of a table's heap come to: from here a later comparison
 * can go on, as long as no row of the table has been written since.
 *
 * @param side whose
 * @param form what was summed up; parts of different forms do not go together
 * @param file the file of the heap, another one once the table is rewritten
 * @param pages how many pages from the first on
 * @param rows how many rows there are on them
 * @param first the first sum of their hashes
 * @param second the second sum
 */
public record PartRead(
    Side side,
    String form,
    long file,
    long pages,
    long rows,
    BigInteger first,
    BigInteger second) {}
