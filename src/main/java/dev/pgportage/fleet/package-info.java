/**
 * Many migrations side by side: each a {@code workflow} of its own with state of its own, bounded
 * together. What one of them meets never reaches another.
 *
 * <p>Must not know terminals, pages or exit codes, nor what a step of a migration does.
 */
@NullMarked
package dev.pgportage.fleet;

import org.jspecify.annotations.NullMarked;
