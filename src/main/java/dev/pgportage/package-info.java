/**
 * The root: the one exception type and its codes, known to everybody and knowing nobody.
 *
 * <p>Must not import any other package of the product.
 */
@NullMarked
package dev.pgportage;

import org.jspecify.annotations.NullMarked;
