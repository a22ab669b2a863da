package dev.pgportage.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * No room on the disk for the long values of one table: the file of its TOAST table is {@code
 * /dev/full} until this is closed, where the kernel refuses every write with ENOSPC. Needs neither
 * root nor a file system of its own, but Linux, and a server without fsync.
 */
public final class FullDisk implements AutoCloseable {
  private static final Path DEVICE = Path.of("/dev/full");

  private final Path file;
  private final Path aside;

  private FullDisk(Path file) throws IOException {
    this.file = file;
    aside = file.resolveSibling(file.getFileName() + ".aside");
    Files.move(file, aside);
    Files.createSymbolicLink(file, DEVICE);
  }

  /**
   * Leaves no room under a table whose TOAST table is empty yet.
   *
   * @param table its name in SQL
   */
  public static FullDisk under(TestDatabase database, String table)
      throws SQLException, IOException {
    if (!Files.isWritable(DEVICE)) {
      throw new AssertionError("No " + DEVICE + ": mknod -m 666 /dev/full c 1 7");
    }
    String path =
        database
            .text(
                "SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = '"
                    + table
                    + "'::regclass")
            .orElseThrow();
    Path file = database.server().directory().resolve("data").resolve(path);
    if (Files.size(file) > 0) {
      throw new AssertionError("The TOAST table of " + table + " holds rows already");
    }
    return new FullDisk(file);
  }

  /** Makes room. */
  @Override
  public void close() throws IOException {
    Files.delete(file);
    Files.move(aside, file);
  }
}
