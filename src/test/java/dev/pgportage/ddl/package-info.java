@NullMarked
package dev.pgportage.ddl;

import org.jspecify.annotations.NullMarked;
