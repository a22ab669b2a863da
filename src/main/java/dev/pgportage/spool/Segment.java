package dev.pgportage.spool;

import dev.pgportage.pg.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * One file of a spool. All integers are big-endian:
 *
 * <pre>
 *  header:  Byte8 "PGPSPL01"  Byte16 the spool's id  Int64 number  Int64 LSN it begins at
 *           Int32 CRC-32C of the bytes before
 *  block:   Int32 length of the payload  Int32 CRC-32C of kind and payload  Byte1 kind  payload
 *  kinds:   'P' Int64 LSN: nothing more before it
 *           'M' Int64 LSN: what ends with it, or 0; then messages: Int32 length, Byten each
 * </pre>
 *
 * @param path the file
 * @param number its place among the segments
 * @param from everything committed before it is in earlier segments, or on the target
 */
record Segment(Path path, long number, Lsn from) {
  static final int HEADER_BYTES = 44;
  static final int BLOCK_HEADER_BYTES = 9;
  static final String SUFFIX = ".spool";
  private static final long MAGIC = 0x50475053504c3031L;

  static String fileName(long number) {
    return String.format(Locale.ROOT, "%016d%s", number, SUFFIX);
  }

  ByteBuffer header(UUID id) {
    var header = ByteBuffer.allocate(HEADER_BYTES);
    header
        .putLong(MAGIC)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits());
    header.putLong(number).putLong(from.value());
    header.putInt(checksum(header.array(), 0, header.position()));
    return header.flip();
  }

  /** The segment a file is; empty if its header is not whole or it is another spool's. */
  static Optional<Segment> read(Path path, FileChannel file, UUID id) throws IOException {
    var header = ByteBuffer.allocate(HEADER_BYTES);
    if (!readFully(file, header, 0)) {
      return Optional.empty();
    }
    header.flip();
    boolean own =
        header.getLong() == MAGIC
            && header.getLong() == id.getMostSignificantBits()
            && header.getLong() == id.getLeastSignificantBits();
    var segment = new Segment(path, header.getLong(), new Lsn(header.getLong()));
    boolean sound =
        header.getInt() == checksum(header.array(), 0, HEADER_BYTES - Integer.BYTES)
            && path.getFileName().toString().equals(fileName(segment.number));
    return own && sound ? Optional.of(segment) : Optional.empty();
  }

  /** A record as a block. */
  static ByteBuffer block(SpoolRecord entry) {
    long size = BLOCK_HEADER_BYTES + Long.BYTES;
    if (entry instanceof SpoolRecord.Messages(var messages, var _)) {
      for (ByteBuffer message : messages) {
        size += Integer.BYTES + message.remaining();
      }
    }
    var block = ByteBuffer.allocate(Math.toIntExact(size));
    block.position(BLOCK_HEADER_BYTES - 1);
    switch (entry) {
      case SpoolRecord.Position(Lsn lsn) -> block.put((byte) 'P').putLong(lsn.value());
      case SpoolRecord.Messages(var messages, Lsn end) -> {
        block.put((byte) 'M').putLong(end.value());
        for (ByteBuffer message : messages) {
          block.putInt(message.remaining()).put(message.duplicate());
        }
      }
    }
    int checked = BLOCK_HEADER_BYTES - 1;
    block.putInt(0, block.position() - BLOCK_HEADER_BYTES);
    block.putInt(Integer.BYTES, checksum(block.array(), checked, block.position() - checked));
    return block.flip();
  }

  /** A block with the place behind it. */
  record Found(SpoolRecord entry, long next) {}

  /**
   * The block at a place; empty if there is none, or it is torn or damaged.
   *
   * @param end how far the file may be read
   */
  static Optional<Found> find(FileChannel file, long at, long end) throws IOException {
    var header = ByteBuffer.allocate(BLOCK_HEADER_BYTES);
    if (at + BLOCK_HEADER_BYTES + Long.BYTES > end || !readFully(file, header, at)) {
      return Optional.empty();
    }
    int length = header.getInt(0);
    long next = at + BLOCK_HEADER_BYTES + length;
    if (length < Long.BYTES || next > end) {
      return Optional.empty();
    }
    // The kind is checked with the payload.
    var checked = ByteBuffer.allocate(1 + length);
    if (!readFully(file, checked, at + BLOCK_HEADER_BYTES - 1)
        || header.getInt(Integer.BYTES) != checksum(checked.array(), 0, 1 + length)) {
      return Optional.empty();
    }
    return recordOf(checked.flip()).map(entry -> new Found(entry, next));
  }

  private static Optional<SpoolRecord> recordOf(ByteBuffer block) {
    byte kind = block.get();
    var lsn = new Lsn(block.getLong());
    return switch (kind) {
      case 'P' -> Optional.of(new SpoolRecord.Position(lsn));
      case 'M' -> Optional.of(new SpoolRecord.Messages(messages(block), lsn));
      default -> Optional.empty();
    };
  }

  private static List<ByteBuffer> messages(ByteBuffer block) {
    var messages = new ArrayList<ByteBuffer>();
    while (block.hasRemaining()) {
      // Each with bytes of its own: one that is kept must not keep its neighbours.
      byte[] message = new byte[block.getInt()];
      block.get(message);
      messages.add(ByteBuffer.wrap(message));
    }
    return messages;
  }

  private static boolean readFully(FileChannel file, ByteBuffer buffer, long at)
      throws IOException {
    while (buffer.hasRemaining()) {
      int read = file.read(buffer, at + buffer.position());
      if (read < 0) {
        return false;
      }
    }
    return true;
  }

  private static int checksum(byte[] bytes, int start, int length) {
    var sum = new CRC32C();
    sum.update(bytes, start, length);
    return (int) sum.getValue();
  }
}
