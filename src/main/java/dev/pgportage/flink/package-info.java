/**
 * A cluster of Apache Flink as a pool of workers, seen from outside: its REST interface.
 *
 * <p>Knows {@code spread}, {@code config} and below. Must not know a class of Flink's: what runs
 * inside the cluster is the package {@code job}.
 */
@NullMarked
package dev.pgportage.flink;

import org.jspecify.annotations.NullMarked;
