/**
 * The rules of the code's structure, and for each a violation below {@code violations} that proves
 * the rule can fail.
 */
@NullMarked
package dev.pgportage.architecture;

import org.jspecify.annotations.NullMarked;
