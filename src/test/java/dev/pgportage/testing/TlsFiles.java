package dev.pgportage.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A server's key and self-signed certificate, made by the JDK's keytool, as PEM files.
 *
 * @param certificate what clients trust, too
 */
public record TlsFiles(Path certificate, Path key) {
  private static final char[] STORE_PASSWORD = "for-the-test".toCharArray();

  /**
   * Makes both.
   *
   * @param names as keytool's extension SAN takes them, such as {@code ip:127.0.0.1}
   */
  public static TlsFiles make(Path directory, String names) throws IOException {
    Path store = directory.resolve("server.p12");
    Programs.run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        "server",
        "-keyalg",
        "EC",
        "-dname",
        "CN=pgportage test",
        "-ext",
        "SAN=" + names,
        "-validity",
        "2",
        "-keystore",
        store.toString(),
        "-storepass",
        new String(STORE_PASSWORD));
    try {
      KeyStore keys = KeyStore.getInstance(store.toFile(), STORE_PASSWORD);
      var files = new TlsFiles(directory.resolve("server.crt"), directory.resolve("server.key"));
      write(files.certificate, "CERTIFICATE", keys.getCertificate("server").getEncoded());
      write(files.key, "PRIVATE KEY", keys.getKey("server", STORE_PASSWORD).getEncoded());
      Files.setPosixFilePermissions(files.key, PosixFilePermissions.fromString("rw-------"));
      return files;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void write(Path file, String kind, byte[] content) throws IOException {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n");
  }
}
