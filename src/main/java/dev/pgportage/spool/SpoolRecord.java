package dev.pgportage.spool;

import dev.pgportage.pg.Lsn;
import java.nio.ByteBuffer;
import java.util.List;

/** One entry of a spool. */
public sealed interface SpoolRecord {
  /**
   * Messages as they were received.
   *
   * @param messages in their order
   * @param end where the transaction ends that ends with them; {@link Lsn#ZERO} if none does
   */
  record Messages(List<ByteBuffer> messages, Lsn end) implements SpoolRecord {
    /** Copies the list. */
    public Messages {
      messages = List.copyOf(messages);
    }
  }

  /**
   * The source had nothing more to send.
   *
   * @param lsn everything committed before it came before
   */
  record Position(Lsn lsn) implements SpoolRecord {}

  /** Everything committed before it is known once this record is; ZERO if it tells nothing. */
  default Lsn reaches() {
    return switch (this) {
      case Messages(var _, Lsn end) -> end;
      case Position(Lsn lsn) -> lsn;
    };
  }
}
