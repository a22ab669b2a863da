/** Violates: nobody imports job. */
@NullMarked
package dev.pgportage.architecture.violations.nobodyimportsjob.cli;

import org.jspecify.annotations.NullMarked;
