/** Violates: what pg must not import. */
@NullMarked
package dev.pgportage.architecture.violations.importsdownward.load;

import org.jspecify.annotations.NullMarked;
