/**
 * Schema changes during the migration: how the source looks, what changed since the plan was made,
 * and what makes the target the same again. Must not know how rows travel, nor steps and their
 * order.
 */
@NullMarked
package dev.pgportage.ddl;

import org.jspecify.annotations.NullMarked;
