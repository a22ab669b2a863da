/** Tests of notifications, with real servers at the other end. */
@NullMarked
package dev.pgportage.notify;

import org.jspecify.annotations.NullMarked;
