package dev.pgportage.spool;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A place in a spool to read on from; for one thread, while another one writes. */
public final class SpoolCursor implements AutoCloseable {
  private final Spool spool;
  private Optional<Segment> segment = Optional.empty();
  private Optional<FileChannel> file = Optional.empty();
  private long at;
  private long nextNumber;

  SpoolCursor(Spool spool) {
    this.spool = spool;
  }

  /** Whether everything written so far was read. */
  public synchronized boolean isAtEnd() {
    return !advance();
  }

  /**
   * The next record; empty if there is none yet.
   *
   * @throws MigrationException SPOOL_FAILED if it cannot be read
   */
  public synchronized Optional<SpoolRecord> next() {
    if (!advance()) {
      return Optional.empty();
    }
    try {
      Segment.Found found =
          Segment.find(file.orElseThrow(), at, spool.readable(segment.orElseThrow()).bytes())
              .orElseThrow(
                  () ->
                      new MigrationException(
                          ErrorCode.SPOOL_FAILED,
                          "A block of " + segment.orElseThrow().path() + " was damaged since"));
      at = found.next();
      return Optional.of(found.entry());
    } catch (IOException e) {
      throw Spool.failed("Reading " + segment.orElseThrow().path(), e);
    }
  }

  /** Goes to the next file if need be; false if nothing is there to read. */
  private boolean advance() {
    while (true) {
      if (segment.isPresent()) {
        Spool.Extent readable = spool.readable(segment.get());
        if (at < readable.bytes()) {
          return true;
        }
        if (readable.grows()) {
          return false;
        }
      }
      Optional<Segment> following = spool.segment(nextNumber);
      if (following.isEmpty()) {
        return false;
      }
      open(following.get());
    }
  }

  private void open(Segment following) {
    close();
    try {
      file = Optional.of(FileChannel.open(following.path(), StandardOpenOption.READ));
    } catch (IOException e) {
      throw Spool.failed("Opening " + following.path(), e);
    }
    segment = Optional.of(following);
    nextNumber = following.number() + 1;
    at = Segment.HEADER_BYTES;
  }

  @Override
  public synchronized void close() {
    try {
      if (file.isPresent()) {
        file.get().close();
      }
      file = Optional.empty();
    } catch (IOException e) {
      throw Spool.failed("Closing a file of the spool", e);
    }
  }
}
