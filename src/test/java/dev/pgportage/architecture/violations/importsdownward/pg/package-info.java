/** Violates: imports only downward. */
@NullMarked
package dev.pgportage.architecture.violations.importsdownward.pg;

import org.jspecify.annotations.NullMarked;
