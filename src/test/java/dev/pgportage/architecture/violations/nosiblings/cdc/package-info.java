/** Violates: what load must not import. */
@NullMarked
package dev.pgportage.architecture.violations.nosiblings.cdc;

import org.jspecify.annotations.NullMarked;
