/**
 * What is durable of a migration, in schema {@code pgportage} of the target: steps and events,
 * relations and chunks, the applied LSN, the resource ledger, results, requests, and the lease.
 *
 * <p>Knows {@code pg} and {@code telemetry}'s events. Must not know what a step does.
 */
@NullMarked
package dev.pgportage.state;

import org.jspecify.annotations.NullMarked;
