@NullMarked
package dev.pgportage.load;

import org.jspecify.annotations.NullMarked;
