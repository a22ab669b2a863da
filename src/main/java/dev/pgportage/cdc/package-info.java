/**
 * Change data capture: reads the source's slot, keeps the net change of each row over whole
 * transactions, and applies it to the target together with the position it leads to.
 *
 * <pre>
 *  slot ─ reader thread ─► byte-bounded queue ─ applier thread ─► NetChanges ─► target transaction
 *                                                                      (a thread of its own while
 *                                                                       the next one is gathered)
 * </pre>
 *
 * <p>Owns its sessions and threads. Knows {@code pgoutput}, {@code schema}, {@code state}, {@code
 * telemetry} and {@code pg}. Must not know how rows were loaded, nor steps and their order.
 */
@NullMarked
package dev.pgportage.cdc;

import org.jspecify.annotations.NullMarked;
