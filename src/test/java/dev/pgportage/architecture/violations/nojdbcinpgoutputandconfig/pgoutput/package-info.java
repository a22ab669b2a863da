/** Violates: no JDBC in pgoutput and config. */
@NullMarked
package dev.pgportage.architecture.violations.nojdbcinpgoutputandconfig.pgoutput;

import org.jspecify.annotations.NullMarked;
