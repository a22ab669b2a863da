/**
 * The job that runs inside a cluster of Apache Flink: its source hands out a round's chunks, one to
 * each worker that asks, and the worker does it there and then. The only package that uses Flink's
 * classes; its jar is built apart, and the program itself never loads it.
 *
 * <p>Knows {@code load} and {@code validation}, which do the work, and below. Must not know the
 * workflow.
 */
@NullMarked
package dev.pgportage.job;

import org.jspecify.annotations.NullMarked;
