/** Violates: every package has a layer. */
@NullMarked
package dev.pgportage.architecture.violations.knownpackages.misc;

import org.jspecify.annotations.NullMarked;
