/**
 * Telling people who do not watch: what of the events is worth a message, the messages' words, and
 * the channels they go out on, each by itself, so that one that fails holds up nothing.
 *
 * <p>Knows {@code config}, {@code telemetry}, {@code state} and {@code pg}. Must not know how a
 * migration works, nor of any cloud: other channels come through {@link ChannelProvider}.
 */
@NullMarked
package dev.pgportage.notify;

import org.jspecify.annotations.NullMarked;
