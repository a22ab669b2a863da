/** Violates: package names that say something. */
@NullMarked
package dev.pgportage.architecture.violations.speakingpackagenames.pg.util;

import org.jspecify.annotations.NullMarked;
