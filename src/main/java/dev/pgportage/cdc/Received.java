package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pgoutput.Message;

/** What the applier gets from a slot, in order. */
sealed interface Received {
  /**
   * One message.
   *
   * @param message as decoded
   * @param bytes its length in the stream
   */
  record Sent(Message message, int bytes) implements Received {}

  /**
   * The server had nothing more to send.
   *
   * @param position everything committed before it came before
   */
  record Quiet(Lsn position) implements Received {}
}
