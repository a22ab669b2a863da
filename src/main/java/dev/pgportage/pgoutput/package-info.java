/**
 * The bytes of PostgreSQL's plugin {@code pgoutput}, protocol version 1, as sealed messages.
 *
 * <p>Knows {@code pg}'s vocabulary (LSN, names). Must not know JDBC, catalogs, or what is done with
 * a message. Everything here is immutable once made and free of threads. Source: PostgreSQL manual,
 * "Logical Replication Message Formats".
 */
@NullMarked
package dev.pgportage.pgoutput;

import org.jspecify.annotations.NullMarked;
