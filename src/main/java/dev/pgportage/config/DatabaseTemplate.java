package dev.pgportage.config;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** URLs in which {@code {database}} stands for the name of each database. */
final class DatabaseTemplate {
  private static final String PLACE = "{database}";
  private static final int DIGEST_BYTES = 3;
  private static final int LONGEST_STEM = 33;

  private DatabaseTemplate() {}

  static boolean isOne(String url) {
    return url.contains(PLACE);
  }

  /** The URL of one database. */
  static String fill(String url, String database) {
    String encoded = URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
    return url.replace(PLACE, encoded);
  }

  /**
   * A migration's name that no other database of the server gets: the database's own if it can be
   * one, else one made to fit, with a digest of the whole name.
   */
  static String migrationFor(String database) {
    String fit = MigrationFile.nameFor(database);
    if (fit.equals(database)) {
      return fit;
    }
    String stem = fit.substring(0, Math.min(LONGEST_STEM, fit.length()));
    return stem + "_" + digest(database);
  }

  private static String digest(String text) {
    try {
      byte[] whole =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(whole, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
