/**
 * The dashboard: one page, a JSON API beneath it, and a stream of what changes, served by the
 * process that runs a migration or by one that only looks.
 *
 * <p>Knows {@code workflow} and what lies below. Must not know JDBC: whatever it shows or asks for
 * goes through the workflow. Stands beside {@code demo}; only {@code cli} may know it.
 */
@NullMarked
package dev.pgportage.web;

import org.jspecify.annotations.NullMarked;
