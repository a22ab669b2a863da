/** What must not be imported. */
@NullMarked
package dev.pgportage.architecture.violations.nobodyimportsjob.job;

import org.jspecify.annotations.NullMarked;
