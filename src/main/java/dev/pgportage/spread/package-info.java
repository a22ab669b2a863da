/**
 * Chunks of loads and proofs done by workers on other machines: rounds of them are opened in the
 * target's state, a pool of workers takes one after the other, and what came of each is read there.
 *
 * <p>Knows {@code state}, {@code telemetry} and below. Must not know what is done with a chunk, nor
 * what kind of pool the workers are in.
 */
@NullMarked
package dev.pgportage.spread;

import org.jspecify.annotations.NullMarked;
