package dev.pgportage.pgoutput;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Reads the wire's integers and strings from one message; leaving its bounds is a violation. */
final class WireReader {
  /** PostgreSQL counts microseconds from 2000-01-01. */
  private static final long POSTGRES_EPOCH_SECONDS = 946_684_800L;

  private static final long MICROS = 1_000_000L;

  private final byte[] bytes;
  private final ByteBuffer buffer;
  private final char type;

  /** Reads a message's first byte, its type. */
  WireReader(ByteBuffer message) {
    if (message.hasArray()) {
      bytes = message.array();
      buffer =
          ByteBuffer.wrap(bytes, message.arrayOffset() + message.position(), message.remaining());
    } else {
      bytes = new byte[message.remaining()];
      message.duplicate().get(bytes);
      buffer = ByteBuffer.wrap(bytes);
    }
    if (!buffer.hasRemaining()) {
      throw new MigrationException(ErrorCode.PROTOCOL_VIOLATION, "An empty replication message");
    }
    type = (char) (buffer.get() & 0xFF);
  }

  char type() {
    return type;
  }

  byte[] bytes() {
    return bytes;
  }

  byte int8() {
    require(1);
    return buffer.get();
  }

  /** A count, so never negative. */
  int int16() {
    require(2);
    int value = buffer.getShort();
    if (value < 0) {
      throw violation("a negative count");
    }
    return value;
  }

  int int32() {
    require(4);
    return buffer.getInt();
  }

  /** An OID or a transaction id, unsigned. */
  long unsigned32() {
    return Integer.toUnsignedLong(int32());
  }

  /** The length of something that follows, so never negative nor beyond the end. */
  int length() {
    int value = int32();
    if (value < 0 || value > buffer.remaining()) {
      throw violation("a length of " + value + " with " + buffer.remaining() + " bytes left");
    }
    return value;
  }

  Lsn lsn() {
    require(8);
    return new Lsn(buffer.getLong());
  }

  Instant timestamp() {
    require(8);
    long micros = buffer.getLong();
    return Instant.ofEpochSecond(
        POSTGRES_EPOCH_SECONDS + Math.floorDiv(micros, MICROS),
        Math.floorMod(micros, MICROS) * 1000);
  }

  /** A string ended by a zero byte. */
  String string() {
    int start = buffer.position();
    int length = 0;
    while (int8() != 0) {
      length++;
    }
    var text = ByteBuffer.wrap(bytes, start, length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw violation("a name that is not UTF-8");
    }
  }

  /** Passes over bytes and returns where in {@link #bytes()} they begin. */
  int skip(int count) {
    require(count);
    int start = buffer.position();
    buffer.position(start + count);
    return start;
  }

  void requireEnd() {
    if (buffer.hasRemaining()) {
      throw violation(buffer.remaining() + " bytes too many");
    }
  }

  MigrationException violation(String what) {
    return new MigrationException(
        ErrorCode.PROTOCOL_VIOLATION,
        "A replication message of type " + (int) type + " ('" + printable() + "') has " + what);
  }

  private char printable() {
    return type > ' ' && type < 127 ? type : '?';
  }

  private void require(int count) {
    if (count > buffer.remaining()) {
      throw violation("only " + buffer.remaining() + " of " + count + " bytes left");
    }
  }
}
