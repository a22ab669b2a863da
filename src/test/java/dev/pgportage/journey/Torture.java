package dev.pgportage.journey;

import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The database of {@code torture.sql} and the writes of {@code torture-writes.sql}. */
final class Torture {
  /** The largest values where their size is not the point. */
  static final int SMALL = 1_000_000;

  /** The largest values where it is. */
  static final int BIG = 100_000_000;

  private Torture() {}

  /**
   * Makes every object and row.
   *
   * @param bytes the size of the largest values
   */
  static void create(TestDatabase source, int bytes) throws IOException {
    run(source, "torture.sql", bytes);
  }

  /** Makes every kind of change once. */
  static void change(TestDatabase source, int bytes) throws IOException {
    run(source, "torture-writes.sql", bytes);
  }

  private static void run(TestDatabase source, String resource, int bytes) throws IOException {
    Path script = Files.createTempFile("pgportage-", "-" + resource);
    try (InputStream in = Torture.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new AssertionError("no " + resource + " beside the tests");
      }
      Files.writeString(script, "SET torture.big = " + bytes + ";\n");
      Files.write(script, in.readAllBytes(), StandardOpenOption.APPEND);
      Programs.psql(source.writerUrl(), script);
    } finally {
      Files.delete(script);
    }
  }
}
