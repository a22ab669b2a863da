/** Violates: Flink only in job. */
@NullMarked
package dev.pgportage.architecture.violations.flinkonlyinjob.flink;

import org.jspecify.annotations.NullMarked;
