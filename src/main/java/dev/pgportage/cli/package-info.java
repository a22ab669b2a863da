/**
 * The command line: commands, their output for people and programs, and exit statuses.
 *
 * <p>Knows everything below it. Must not hold any rule of a migration: those are the workflow's.
 */
@NullMarked
package dev.pgportage.cli;

import org.jspecify.annotations.NullMarked;
