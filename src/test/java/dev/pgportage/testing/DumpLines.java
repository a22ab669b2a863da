package dev.pgportage.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a dump, each in bounded memory: a value of 100 MB is one line, and both sides' lines
 * have to be held to be sorted.
 */
final class DumpLines {
  private static final int KEPT = 4096;
  private static final int SHOWN = 200;

  private final InputStream dump;
  private final MessageDigest digest;
  private final byte[] buffer = new byte[1 << 16];
  private int from;
  private int to;

  DumpLines(InputStream dump) {
    this.dump = dump;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The next line, shortened if it is long; null at the end. */
  @Nullable String next() throws IOException {
    if (from == to && !fill()) {
      return null;
    }
    var kept = new ByteArrayOutputStream();
    long length = 0;
    boolean ended = false;
    while (!ended && (from < to || fill())) {
      int end = from;
      while (end < to && buffer[end] != '\n') {
        end++;
      }
      int part = end - from;
      kept.write(buffer, from, Math.min(part, KEPT - kept.size()));
      digest.update(buffer, from, part);
      length += part;
      ended = end < to;
      from = ended ? end + 1 : end;
    }
    byte[] hash = digest.digest();
    String text = kept.toString(StandardCharsets.UTF_8);
    return length <= KEPT
        ? text
        : text.substring(0, SHOWN) + "… " + length + " bytes " + HexFormat.of().formatHex(hash);
  }

  private boolean fill() throws IOException {
    from = 0;
    to = Math.max(0, dump.read(buffer));
    return to > 0;
  }
}
