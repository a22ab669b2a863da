package dev.pgportage.spool;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Received changes in files of this machine, in the order they came, without a gap.
 *
 * <p>Owned by one process: a lock file keeps others out. Written by one thread, read by another one
 * through {@link #read}; both may differ over time. What {@link #sync} returned survives a crash of
 * the machine; what was written after it may be cut off anywhere, which the checksums tell. Nothing
 * on disk is touched before something is written.
 *
 * <p>Files hold rows: they can be read by their owner alone.
 */
public final class Spool implements AutoCloseable {
  /** How names of files in its directory begin that whoever opens it next removes. */
  public static final String TEMPORARY = "transaction-";

  private static final long SEGMENT_BYTES = 64L << 20;
  private static final long LEAST_FOR_TRANSACTIONS = 256L << 20;

  private final Path directory;
  private final UUID id;
  private final SpoolLimits limits;
  private final FileChannel lock;

  /** All segments that hold something needed; the last one is written to. */
  private final List<Segment> segments = new ArrayList<>();

  private Optional<FileChannel> writing = Optional.empty();
  private long next;
  private long closedBytes;
  private long lastBytes;
  private long wholeBytes;
  private Lsn end = Lsn.ZERO;
  private boolean full;

  private Spool(Path directory, UUID id, SpoolLimits limits, FileChannel lock) {
    this.directory = directory;
    this.id = id;
    this.limits = limits;
    this.lock = lock;
  }

  /**
   * Opens a spool, making its directory if need be. Damaged or torn parts, and all behind them,
   * count as not there: {@link #end} tells what is.
   *
   * @throws MigrationException SPOOL_FAILED, or SPOOL_IN_USE if another process has it open
   */
  public static Spool open(Path directory, UUID id, SpoolLimits limits) {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      var spool = new Spool(directory, id, limits, SpoolFiles.lock(directory));
      try {
        SpoolFiles.removeTemporary(directory);
        spool.scan();
        return spool;
      } catch (IOException | RuntimeException e) {
        spool.lock.close();
        throw e;
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw failed("Opening the spool in " + directory, e);
    }
  }

  /** Finds what of the files is whole and follows on without a gap. */
  private void scan() throws IOException {
    List<Path> files = SpoolFiles.in(directory);
    boolean sound = true;
    for (Path path : files) {
      next = Math.max(next, SpoolFiles.numberOf(path) + 1);
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        Optional<Segment> segment = Segment.read(path, file, id).filter(this::followsOn);
        sound = sound && segment.isPresent();
        if (sound) {
          enter(segment.orElseThrow());
          sound = scan(file);
        }
      }
    }
  }

  private boolean followsOn(Segment segment) {
    return segments.isEmpty()
        || (segment.number() == segments.getLast().number() + 1 && segment.from().equals(end));
  }

  private boolean scan(FileChannel file) throws IOException {
    while (true) {
      Optional<Segment.Found> found = Segment.find(file, lastBytes, file.size());
      if (found.isEmpty()) {
        return lastBytes == file.size();
      }
      lastBytes = found.get().next();
      reach(found.get().entry());
    }
  }

  private void reach(SpoolRecord entry) {
    if (!entry.reaches().equals(Lsn.ZERO)) {
      end = Lsn.max(end, entry.reaches());
      wholeBytes = lastBytes;
    }
  }

  private void enter(Segment segment) {
    if (segments.isEmpty()) {
      end = segment.from();
    } else {
      closedBytes += lastBytes;
    }
    segments.add(segment);
    lastBytes = Segment.HEADER_BYTES;
    wholeBytes = lastBytes;
  }

  /** How much it may take. */
  public SpoolLimits limits() {
    return limits;
  }

  /** Where its files are. */
  public Path directory() {
    return directory;
  }

  /**
   * Whether transactions in progress may be written beside it: it may be used, and there is room to
   * begin with.
   */
  public boolean takesTransactions() {
    return limits.mostBytes() > 0 && free() >= LEAST_FOR_TRANSACTIONS;
  }

  /** Whether nothing is in it that may still be needed. */
  public synchronized boolean isEmpty() {
    return segments.isEmpty();
  }

  /** Where the changes in it begin: earlier ones must be on the target. */
  public synchronized Lsn from() {
    return segments.isEmpty() ? Lsn.ZERO : segments.getFirst().from();
  }

  /** Everything committed between {@link #from} and this position is in it. */
  public synchronized Lsn end() {
    return end;
  }

  /** How full it is. */
  public synchronized SpoolGauge gauge() {
    return new SpoolGauge(bytes(), limits.mostBytes(), from(), end, full);
  }

  private long bytes() {
    return segments.isEmpty() ? 0 : closedBytes + lastBytes;
  }

  /**
   * Begins to take what a stream brings. A transaction whose end is not there is cut off: the
   * stream sends it again.
   *
   * @param from everything committed before it came before
   * @throws MigrationException SPOOL_FAILED, or INTERNAL if that would leave a gap
   */
  public synchronized void begin(Lsn from) {
    if (!isEmpty() && end.isBefore(from)) {
      throw new MigrationException(
          ErrorCode.INTERNAL, "The spool ends at " + end + ", and the stream begins at " + from);
    }
    if (isEmpty()) {
      end = from;
    } else {
      lastBytes = wholeBytes;
    }
    try {
      closeFile();
      writing();
    } catch (IOException e) {
      throw failed("Beginning the spool in " + directory, e);
    }
  }

  /**
   * Writes a record behind the others.
   *
   * @return false if there is no room for it; nothing was written then
   * @throws MigrationException SPOOL_FAILED
   */
  public synchronized boolean append(SpoolRecord entry) {
    ByteBuffer block = Segment.block(entry);
    full = !hasRoom(block.remaining());
    if (full) {
      return false;
    }
    try {
      FileChannel file = writing();
      write(file, block, lastBytes);
      lastBytes += block.limit();
      reach(entry);
      return true;
    } catch (IOException e) {
      full = !hasRoom(block.limit() + Segment.HEADER_BYTES);
      if (full) {
        cutOff();
        return false;
      }
      throw failed("Writing to the spool in " + directory, e);
    }
  }

  /** Whether a new file should be begun before the next transaction. */
  public synchronized boolean isSegmentFull() {
    return lastBytes >= SEGMENT_BYTES && !segments.isEmpty();
  }

  /**
   * Begins a new file: only between two transactions, since files are removed as a whole.
   *
   * @throws MigrationException SPOOL_FAILED
   */
  public synchronized void beginSegment() {
    sync();
    closeFile();
    try {
      begin();
    } catch (IOException e) {
      throw failed("Beginning a file of the spool in " + directory, e);
    }
  }

  private void begin() throws IOException {
    var segment = new Segment(directory.resolve(Segment.fileName(next)), next, end);
    FileChannel file = SpoolFiles.create(segment.path(), StandardOpenOption.CREATE_NEW);
    try {
      write(file, segment.header(id), 0);
      SpoolFiles.sync(directory);
    } catch (IOException e) {
      file.close();
      Files.deleteIfExists(segment.path());
      throw e;
    }
    writing = Optional.of(file);
    next++;
    enter(segment);
  }

  /** The last segment's file; what lies behind its sound part is cut off first. */
  private FileChannel writing() throws IOException {
    if (writing.isPresent()) {
      return writing.get();
    }
    if (segments.isEmpty()) {
      // Whatever is left there is not sound, or of no use any more.
      SpoolFiles.remove(SpoolFiles.in(directory));
      begin();
    } else {
      long last = segments.getLast().number();
      SpoolFiles.remove(
          SpoolFiles.in(directory).stream()
              .filter(path -> SpoolFiles.numberOf(path) > last)
              .toList());
      FileChannel file = FileChannel.open(segments.getLast().path(), StandardOpenOption.WRITE);
      writing = Optional.of(file);
      file.truncate(lastBytes);
      SpoolFiles.sync(directory);
    }
    return writing.orElseThrow();
  }

  private static void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes, at + bytes.position());
    }
  }

  /** A block that did not fit must not look like one that was torn. */
  private void cutOff() {
    try {
      if (writing.isPresent()) {
        writing.get().truncate(lastBytes);
      }
    } catch (IOException e) {
      throw failed("Taking back a block of the spool in " + directory, e);
    }
  }

  private boolean hasRoom(long more) {
    return bytes() + more <= limits.mostBytes() && more <= free();
  }

  /** How much of the disk may still be used. */
  private long free() {
    try {
      return Files.getFileStore(directory).getUsableSpace() - limits.keptFree();
    } catch (IOException e) {
      throw failed("Asking how much of the disk is free for " + directory, e);
    }
  }

  /**
   * Makes everything written so far outlive a crash of the machine.
   *
   * @return the position up to which it then is complete
   * @throws MigrationException SPOOL_FAILED: nothing may be relied on then
   */
  public synchronized Lsn sync() {
    try {
      if (!segments.isEmpty()) {
        writing().force(false);
      }
      return end;
    } catch (IOException e) {
      throw failed("Flushing the spool in " + directory, e);
    }
  }

  /** Removes files that hold only what was committed before a position, but for the last one. */
  public synchronized void release(Lsn applied) {
    var done = new ArrayList<Path>();
    while (segments.size() > 1 && !applied.isBefore(segments.get(1).from())) {
      Segment oldest = segments.removeFirst();
      closedBytes -= oldest.path().toFile().length();
      done.add(oldest.path());
    }
    remove(done);
  }

  /** Removes everything: it is on the target, or will be sent again. */
  public synchronized void clear() {
    closeFile();
    try {
      remove(SpoolFiles.in(directory));
    } catch (IOException e) {
      throw failed("Emptying the spool in " + directory, e);
    }
    segments.clear();
    closedBytes = 0;
    lastBytes = 0;
    wholeBytes = 0;
    full = false;
  }

  /** Removes everything, the directory too; then it can only be closed. */
  public synchronized void remove() {
    clear();
    try {
      SpoolFiles.removeDirectory(directory);
    } catch (IOException e) {
      throw failed("Removing the spool's directory " + directory, e);
    }
  }

  private void remove(List<Path> paths) {
    try {
      SpoolFiles.remove(paths);
    } catch (IOException e) {
      throw failed("Removing files of the spool in " + directory, e);
    }
  }

  /** Reads it from its beginning; to be closed by whoever asked for it. */
  public SpoolCursor read() {
    return new SpoolCursor(this);
  }

  /** The segment with this number or the next one there is. */
  synchronized Optional<Segment> segment(long number) {
    return segments.stream().filter(segment -> segment.number() >= number).findFirst();
  }

  /** How far a segment can be read now, and whether it will grow. */
  synchronized Extent readable(Segment segment) {
    boolean last = !segments.isEmpty() && segments.getLast().number() == segment.number();
    return new Extent(last ? lastBytes : segment.path().toFile().length(), last);
  }

  /** A segment's readable part. */
  record Extent(long bytes, boolean grows) {}

  private void closeFile() {
    try {
      if (writing.isPresent()) {
        writing.get().close();
      }
      writing = Optional.empty();
    } catch (IOException e) {
      throw failed("Closing a file of the spool in " + directory, e);
    }
  }

  static MigrationException failed(String what, Exception cause) {
    return new MigrationException(ErrorCode.SPOOL_FAILED, what + ": " + cause, cause);
  }

  /** Lets another process have it; one with nothing in it leaves nothing behind. */
  @Override
  public synchronized void close() {
    closeFile();
    try {
      if (segments.isEmpty() && SpoolFiles.isBare(directory)) {
        SpoolFiles.removeDirectory(directory);
      }
      lock.close();
    } catch (IOException e) {
      throw failed("Closing the spool in " + directory, e);
    }
  }
}
