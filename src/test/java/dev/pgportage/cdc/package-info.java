/** Tests of change data capture: the netting by itself, and all of it between real servers. */
@NullMarked
package dev.pgportage.cdc;

import org.jspecify.annotations.NullMarked;
