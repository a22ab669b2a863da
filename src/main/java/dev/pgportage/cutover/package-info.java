/**
 * The parts of a cutover: fence, silence, sequences, and the record of it. Their order is the
 * workflow's.
 *
 * <p>Knows {@code schema}, {@code state} and {@code pg}. Must not know load, cdc or validation.
 */
@NullMarked
package dev.pgportage.cutover;

import org.jspecify.annotations.NullMarked;
