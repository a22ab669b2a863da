package dev.pgportage.spool;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a spool's directory. Stateless. */
final class SpoolFiles {
  static final String LOCK = "lock";

  private SpoolFiles() {}

  /**
   * Keeps other processes out as long as the channel is open.
   *
   * @throws MigrationException SPOOL_IN_USE if one is in
   */
  static FileChannel lock(Path directory) throws IOException {
    FileChannel channel = create(directory.resolve(LOCK), StandardOpenOption.CREATE);
    try {
      FileLock taken = channel.tryLock();
      if (taken != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // This process itself has it open.
    }
    channel.close();
    throw new MigrationException(
        ErrorCode.SPOOL_IN_USE, "The spool in " + directory + " is in use by another process");
  }

  /** A file that only this user can read. */
  static FileChannel create(Path path, StandardOpenOption how) throws IOException {
    return FileChannel.open(
        path,
        Set.of(how, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** The segments' files, in their order, sound or not. */
  static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      return found
          .filter(path -> path.getFileName().toString().matches("[0-9]{16}\\.spool"))
          .sorted(Comparator.comparing(Path::getFileName))
          .toList();
    }
  }

  /** Removes what processes left that were killed. */
  static void removeTemporary(Path directory) throws IOException {
    try (Stream<Path> found = Files.list(directory)) {
      remove(
          found.filter(path -> path.getFileName().toString().startsWith(Spool.TEMPORARY)).toList());
    }
  }

  /** Removes a directory that is bare. */
  static void removeDirectory(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(LOCK));
    Files.deleteIfExists(directory);
  }

  /** Whether nothing but the lock is there. */
  static boolean isBare(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> found = Files.list(directory)) {
      return found.allMatch(path -> path.endsWith(LOCK));
    }
  }

  static long numberOf(Path path) {
    return Long.parseLong(path.getFileName().toString().replace(Segment.SUFFIX, ""));
  }

  /** Makes files made and removed outlive a crash of the machine. */
  static void sync(Path directory) throws IOException {
    try (FileChannel open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    }
  }

  static void remove(List<Path> paths) throws IOException {
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
