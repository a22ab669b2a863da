/**
 * The discovery: what the two databases are, how they differ, how much there is and how fast it
 * changes, and from measurements how long a migration would take and what room it needs.
 *
 * <p>Reads both databases in sessions that may not write. Knows {@code schema}, {@code profile},
 * {@code config}, {@code pg}. Must not judge (that is the assessment's duty), nor print.
 */
@NullMarked
package dev.pgportage.discovery;

import org.jspecify.annotations.NullMarked;
