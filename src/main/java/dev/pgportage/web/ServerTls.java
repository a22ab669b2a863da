package dev.pgportage.web;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Certificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Reads the certificate the dashboard shows. */
final class ServerTls {
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private ServerTls() {}

  /**
   * What encrypts with a certificate.
   *
   * @throws MigrationException WEB_UNAVAILABLE if its files cannot be used
   */
  static SSLContext context(Certificate certificate) {
    try {
      char[] password = new char[0];
      KeyStore store =
          switch (certificate) {
            case Certificate.Pem(Path chain, Path key) -> fromPem(chain, key);
            case Certificate.KeyStore file -> {
              password = file.password().reveal().toCharArray();
              yield KeyStore.getInstance(file.file().toFile(), password);
            }
          };
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(certificate, e);
    }
  }

  private static MigrationException unusable(Certificate certificate, Exception e) {
    String files =
        switch (certificate) {
          case Certificate.Pem(Path chain, Path key) -> chain + " with " + key;
          case Certificate.KeyStore store -> store.file().toString();
        };
    String why = e.getClass().getSimpleName();
    return new MigrationException(
        ErrorCode.WEB_UNAVAILABLE,
        "The dashboard's certificate cannot be read from " + files + " (" + why + ")",
        "It takes PEM files with a certificate and a PKCS#8 key that is not encrypted ('BEGIN"
            + " PRIVATE KEY'), or a PKCS#12 key store with its password.",
        e);
  }

  private static KeyStore fromPem(Path chain, Path key)
      throws IOException, GeneralSecurityException {
    var certificates =
        java.security.cert.CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(chain)))
            .toArray(java.security.cert.Certificate[]::new);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("dashboard", privateKey(key), new char[0], certificates);
    return store;
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher pem =
        PRIVATE_KEY.matcher(new String(Files.readAllBytes(file), StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new InvalidKeySpecException("no PKCS#8 key");
    }
    var encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
      } catch (InvalidKeySpecException e) {
        // The next algorithm's, or nobody's.
      }
    }
    throw new InvalidKeySpecException("neither RSA nor EC nor EdDSA");
  }
}
