/**
 * The spool: received changes on this machine's disk, so that the source need not keep them. Files
 * of checksummed blocks; what is in the messages is not its business.
 *
 * <p>Knows {@code pg}'s LSN. Must not know of slots, of the target, or of the state.
 */
@NullMarked
package dev.pgportage.spool;

import org.jspecify.annotations.NullMarked;
