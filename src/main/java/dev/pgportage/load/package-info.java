/**
 * The full load: every row of the source's snapshot, once, on the target; in chunks, in parallel,
 * each chunk with its ledger row in one target transaction. Also what WAL does not tell: large
 * objects, and tables copied again during the cutover's freeze.
 *
 * <p>Knows {@code schema}, {@code state}, {@code telemetry} and below. Must not know steps, indexes
 * and constraints, nor how changes are applied.
 */
@NullMarked
package dev.pgportage.load;

import org.jspecify.annotations.NullMarked;
