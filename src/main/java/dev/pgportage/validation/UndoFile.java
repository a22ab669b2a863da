package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A script of SQL that takes a repair back, in one transaction. It holds rows of the user's, and so
 * is readable by its owner alone. Not thread-safe.
 */
public final class UndoFile implements AutoCloseable {
  private static final String SETTINGS =
      """
      BEGIN;
      SET LOCAL client_encoding = 'UTF8';
      SET LOCAL standard_conforming_strings = on;
      SET LOCAL search_path = pg_catalog;
      SET LOCAL TimeZone = 'UTC';
      SET LOCAL DateStyle = 'ISO, YMD';
      SET LOCAL IntervalStyle = 'postgres';
      SET LOCAL extra_float_digits = 3;
      SET LOCAL bytea_output = 'hex';
      SET LOCAL lc_monetary = 'C';
      SET LOCAL xmloption = 'content';
      SET LOCAL row_security = off;
      SET CONSTRAINTS ALL DEFERRED;
      """;

  private final Path path;
  private final FileChannel channel;
  private boolean kept;

  private UndoFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Makes the file.
   *
   * @param about what the first lines say, without line breaks
   * @param replicaRole whether the role may keep triggers and foreign keys from acting
   * @throws MigrationException USAGE if it is there already, REPAIR_FAILED if it cannot be made
   */
  public static UndoFile create(Path path, String about, boolean replicaRole) {
    try {
      var channel =
          FileChannel.open(
              path,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      var file = new UndoFile(path, channel);
      file.add("-- " + about + "\n-- It holds rows of yours. Run it with psql as the same role.\n");
      file.add(SETTINGS);
      if (replicaRole) {
        file.add("SET LOCAL session_replication_role = replica;\n");
      }
      return file;
    } catch (FileAlreadyExistsException e) {
      throw new MigrationException(
          ErrorCode.USAGE, path + " is there already", "Name another file with --undo.", e);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Adds statements. */
  public void add(String sql) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(sql);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** It is complete, and on disk: from here on it stays. */
  public void finish() {
    add("COMMIT;\n");
    try {
      channel.force(true);
      // The file's name is on disk only once its directory is.
      try (var directory = FileChannel.open(path.toAbsolutePath().getParent())) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
    kept = true;
  }

  /** Closes it, and removes it if it is not complete. */
  @Override
  public void close() {
    try {
      channel.close();
      if (!kept) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Nothing was repaired: there is nothing to take back. */
  public void discard() {
    kept = false;
  }

  private static MigrationException failed(Path path, IOException cause) {
    return new MigrationException(
        ErrorCode.REPAIR_FAILED,
        "Writing the undo file " + path + ": " + cause.getMessage(),
        cause);
  }
}
