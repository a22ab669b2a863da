package dev.pgportage.config;

import dev.pgportage.pg.Secret;
import java.nio.file.Path;

/** Where a certificate and its key are. */
public sealed interface Certificate {
  /**
   * Two PEM files.
   *
   * @param chain the certificate and those that signed it
   * @param key its private key, not encrypted
   */
  record Pem(Path chain, Path key) implements Certificate {}

  /**
   * A key store.
   *
   * @param file PKCS#12 or JKS
   * @param password of the store and the key in it
   */
  record KeyStore(Path file, Secret password) implements Certificate {}
}
