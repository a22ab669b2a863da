/** Violates: no circles. */
@NullMarked
package dev.pgportage.architecture.violations.nocycles.state;

import org.jspecify.annotations.NullMarked;
