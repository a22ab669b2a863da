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
  private final int end;
  private int next;
  private char type;

  /** Reads what lies between two places, as of a message of no known type. */
  WireReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.next = start;
    this.end = end;
  }

  /** Reads a message's first byte, its type. */
  static WireReader ofMessage(byte[] bytes, int start, int length) {
    if (length == 0) {
      throw new MigrationException(ErrorCode.PROTOCOL_VIOLATION, "An empty replication message");
    }
    var in = new WireReader(bytes, start, start + length);
    in.type = (char) (in.int8() & 0xFF);
    return in;
  }

  char type() {
    return type;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Where in {@link #bytes()} the next byte is. */
  int position() {
    return next;
  }

  byte int8() {
    require(1);
    return bytes[next++];
  }

  /** A count, so never negative. */
  int int16() {
    require(2);
    int value = (short) (((bytes[next] & 0xFF) << 8) | (bytes[next + 1] & 0xFF));
    if (value < 0) {
      throw violation("a negative count");
    }
    next += 2;
    return value;
  }

  int int32() {
    require(4);
    int value = int32(bytes, next);
    next += 4;
    return value;
  }

  static int int32(byte[] bytes, int at) {
    return (bytes[at] << 24)
        | ((bytes[at + 1] & 0xFF) << 16)
        | ((bytes[at + 2] & 0xFF) << 8)
        | (bytes[at + 3] & 0xFF);
  }

  private long int64() {
    long high = int32();
    return (high << 32) | unsigned32();
  }

  /** An OID or a transaction id, unsigned. */
  long unsigned32() {
    return Integer.toUnsignedLong(int32());
  }

  /** The length of something that follows, so never negative nor beyond the end. */
  int length() {
    int value = int32();
    if (value < 0 || value > end - next) {
      throw violation("a length of " + value + " with " + (end - next) + " bytes left");
    }
    return value;
  }

  Lsn lsn() {
    return new Lsn(int64());
  }

  Instant timestamp() {
    long micros = int64();
    return Instant.ofEpochSecond(
        POSTGRES_EPOCH_SECONDS + Math.floorDiv(micros, MICROS),
        Math.floorMod(micros, MICROS) * 1000);
  }

  /** A string ended by a zero byte. */
  String string() {
    int start = next;
    int last;
    do {
      last = int8();
    } while (last != 0);
    var text = ByteBuffer.wrap(bytes, start, next - 1 - start);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw violation("a name that is not UTF-8");
    }
  }

  /** Passes over bytes and returns where in {@link #bytes()} they begin. */
  int skip(int count) {
    require(count);
    int start = next;
    next += count;
    return start;
  }

  void requireEnd() {
    if (next < end) {
      throw violation((end - next) + " bytes too many");
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
    if (count > end - next) {
      throw violation("only " + (end - next) + " of " + count + " bytes left");
    }
  }
}
