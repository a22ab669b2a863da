/**
 * PostgreSQL itself: positions, names, quoting, connections, errors, slots, publications,
 * snapshots.
 *
 * <p>Knows the root only. Must not know migrations, phases or configuration files.
 */
@NullMarked
package dev.pgportage.pg;

import org.jspecify.annotations.NullMarked;
