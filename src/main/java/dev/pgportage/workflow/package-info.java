/**
 * The migration as a sequence of durable steps: what comes after what, what is resumed, retried and
 * taken back. The only place that composes assess, load, cdc, validation and cutover.
 *
 * <p>Must not know terminals, pages or exit codes.
 */
@NullMarked
package dev.pgportage.workflow;

import org.jspecify.annotations.NullMarked;
