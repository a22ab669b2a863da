/** Tests of the pool of workers in a cluster of Flink. */
@NullMarked
package dev.pgportage.flink;

import org.jspecify.annotations.NullMarked;
