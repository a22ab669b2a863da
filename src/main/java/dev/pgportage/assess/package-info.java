/**
 * The assessment: what would stop or harm a migration, found before anything is touched.
 *
 * <p>Reads both databases and changes neither; what can only be tried is tried in a transaction
 * that is rolled back. Knows {@code schema}, {@code config}, {@code pg}. Must not know how a phase
 * works, nor print.
 */
@NullMarked
package dev.pgportage.assess;

import org.jspecify.annotations.NullMarked;
