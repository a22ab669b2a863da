/**
 * The proof that both sides hold the same rows: every row of every table hashed inside the two
 * servers, each side within one snapshot, and the differing rows' keys.
 *
 * <p>Knows {@code schema}, {@code state}, {@code telemetry} and {@code pg}. Must not know how the
 * rows came to the target, nor when and at which LSN the snapshots were taken.
 */
@NullMarked
package dev.pgportage.validation;

import org.jspecify.annotations.NullMarked;
