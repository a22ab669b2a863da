/**
 * What a database is made of: the catalog as records, the resolved object set, and the schema's way
 * from source to target through pg_dump and pg_restore.
 *
 * <p>Knows {@code pg}, {@code config} and {@code state}, where what was made is noted. Must not
 * know how rows travel, nor steps and their order.
 */
@NullMarked
package dev.pgportage.schema;

import org.jspecify.annotations.NullMarked;
