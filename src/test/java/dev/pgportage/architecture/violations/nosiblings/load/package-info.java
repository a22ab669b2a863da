/** Violates: no sibling imports a sibling. */
@NullMarked
package dev.pgportage.architecture.violations.nosiblings.load;

import org.jspecify.annotations.NullMarked;
