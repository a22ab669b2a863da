/** Violates: standard streams only in cli. */
@NullMarked
package dev.pgportage.architecture.violations.streamsonlyincli.load;

import org.jspecify.annotations.NullMarked;
