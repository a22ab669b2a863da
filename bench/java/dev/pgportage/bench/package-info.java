/**
 * Side-by-side measurements of pgportage and its peers on embedded servers; run by {@code ./dev
 * bench}. Not part of the product, never run by the build.
 *
 * <p>Every mover is a process of its own, run as its users run it; movers take turns within one
 * run, so that a noisy machine disturbs all of them alike. Must not know anything of the product
 * but its command line and its state's tables.
 */
@NullMarked
package dev.pgportage.bench;

import org.jspecify.annotations.NullMarked;
