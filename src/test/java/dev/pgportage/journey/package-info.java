/**
 * Whole migrations between real servers, from the first command to the last, judged by means of
 * their own: pg_dump, and SQL that is not the product's.
 */
@NullMarked
package dev.pgportage.journey;

import org.jspecify.annotations.NullMarked;
