/** Violates: no circles. */
@NullMarked
package dev.pgportage.architecture.violations.nocycles.load;

import org.jspecify.annotations.NullMarked;
