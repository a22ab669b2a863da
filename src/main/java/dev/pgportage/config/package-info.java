/**
 * A migration's settings: connection URLs and one YAML file, read into records, with every problem
 * told at once.
 *
 * <p>Knows {@code pg}'s endpoints. Must not open connections, nor know what a phase does.
 */
@NullMarked
package dev.pgportage.config;

import org.jspecify.annotations.NullMarked;
