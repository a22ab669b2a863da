/**
 * What is going on, for whoever watches: progress, lag and events, as values and a listener.
 *
 * <p>Knows {@code pg}. Must not know who listens, nor keep anything durable.
 */
@NullMarked
package dev.pgportage.telemetry;

import org.jspecify.annotations.NullMarked;
