/**
 * The demonstration: embedded PostgreSQL servers, and a shop under live writes carried from one to
 * the other.
 *
 * <p>Stands beside {@code web}, above {@code workflow}; only {@code cli} may know it. The servers
 * here are also the ones the tests run against.
 */
@NullMarked
package dev.pgportage.demo;

import org.jspecify.annotations.NullMarked;
