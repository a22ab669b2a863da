/** Violates: at most six constructor parameters. */
@NullMarked
package dev.pgportage.architecture.violations.fewconstructorparameters.load;

import org.jspecify.annotations.NullMarked;
