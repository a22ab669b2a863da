package dev.pgportage.demo;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.tukaani.xz.XZInputStream;

/**
 * A {@code .txz} archive as the embedded servers' builders make them: ustar headers with files,
 * directories and symbolic links, names below 100 bytes. Anything else in it is an error.
 */
final class TarXz {
  private static final int BLOCK = 512;

  private final DataInputStream tar;

  private TarXz(InputStream tar) {
    this.tar = new DataInputStream(tar);
  }

  /** Unpacks an archive below a directory; the caller closes the stream. */
  static void unpack(InputStream compressed, Path directory) throws IOException {
    new TarXz(new XZInputStream(compressed)).unpackTo(directory);
  }

  private void unpackTo(Path directory) throws IOException {
    byte[] header = new byte[BLOCK];
    while (true) {
      tar.readFully(header);
      String name = text(header, 0, 100);
      if (name.isEmpty()) {
        return;
      }
      Path path = directory.resolve(name).normalize();
      if (!path.startsWith(directory)) {
        throw new IOException("archive entry outside its directory: " + name);
      }
      switch (header[156]) {
        case '5' -> Files.createDirectories(path);
        case '2' -> {
          Files.createDirectories(path.resolveSibling("."));
          Files.createSymbolicLink(path, Path.of(text(header, 157, 100)));
        }
        case '0', 0 -> unpackFile(path, octal(header, 124, 12), octal(header, 100, 8));
        default -> throw new IOException("archive entry of an unknown kind: " + name);
      }
    }
  }

  private void unpackFile(Path path, long size, long mode) throws IOException {
    Files.createDirectories(path.resolveSibling("."));
    byte[] buffer = new byte[1 << 16];
    try (var out = Files.newOutputStream(path)) {
      for (long left = size; left > 0; ) {
        int read = tar.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("archive ends inside " + path.getFileName());
        }
        out.write(buffer, 0, read);
        left -= read;
      }
    }
    tar.skipNBytes(-size & (BLOCK - 1));
    Files.setPosixFilePermissions(
        path, PosixFilePermissions.fromString((mode & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static String text(byte[] header, int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static long octal(byte[] header, int offset, int length) {
    return Long.parseLong(text(header, offset, length).strip(), 8);
  }
}
