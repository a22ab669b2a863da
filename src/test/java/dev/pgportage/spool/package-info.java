/** Tests of the spool's files, without servers. */
@NullMarked
package dev.pgportage.spool;

import org.jspecify.annotations.NullMarked;
