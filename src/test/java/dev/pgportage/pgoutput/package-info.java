/** Tests of the decoder, and the messages other tests are fed with. */
@NullMarked
package dev.pgportage.pgoutput;

import org.jspecify.annotations.NullMarked;
