package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.Certificate;
import software.amazon.awssdk.services.databasemigration.model.DeleteCertificateRequest;
import software.amazon.awssdk.services.databasemigration.model.ImportCertificateRequest;

/**
 * The certificates of authorities by which DMS verifies the servers: imported under a name of the
 * stack and of what is in them, so that an unchanged one is found again.
 */
final class Certificates {
  private static final int DIGITS = 8;
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";

  private final AwsCalls calls;
  private final String stack;

  Certificates(AwsCalls calls, String stack) {
    this.calls = calls;
    this.stack = stack;
  }

  /** What an endpoint says DMS should trust: a file, or nothing. */
  static Optional<Path> trusted(Endpoint endpoint) {
    String file = endpoint.tls().rootCert();
    boolean verifies = endpoint.tls().mode().startsWith("verify");
    return verifies && file != null && !file.equals("system")
        ? Optional.of(Path.of(file))
        : Optional.empty();
  }

  /**
   * Lets DMS have the file's certificates, unless it has them.
   *
   * @return the ARN; in a rehearsal one that stands for it
   * @throws MigrationException CONFIG_INVALID if the file holds none
   */
  String require(String side, Path file) {
    String pem = read(file);
    String name = stack + "-" + side + "-ca-" + digest(pem);
    Optional<String> there =
        all().stream()
            .filter(certificate -> certificate.certificateIdentifier().equalsIgnoreCase(name))
            .map(Certificate::certificateArn)
            .findFirst();
    return there
        .or(
            () ->
                calls
                    .change(
                        "Importing the certificates of " + file,
                        "dms:ImportCertificate",
                        ImportCertificateRequest.builder()
                            .certificateIdentifier(name)
                            .certificatePem(pem)
                            .build(),
                        calls.clients().dms()::importCertificate)
                    .map(made -> made.certificate().certificateArn()))
        .orElse("arn:aws:dms:" + calls.clients().region() + ":0:cert:" + name);
  }

  /** Removes those of this stack; returns their names. */
  List<String> remove() {
    Pattern own =
        Pattern.compile(
            Pattern.quote(stack) + "-(source|target)-ca-[0-9a-f]{" + DIGITS + "}",
            Pattern.CASE_INSENSITIVE);
    var removed = new ArrayList<String>();
    for (Certificate certificate : all()) {
      if (own.matcher(certificate.certificateIdentifier()).matches()) {
        calls.change(
            "Removing the certificate " + certificate.certificateIdentifier(),
            "dms:DeleteCertificate",
            DeleteCertificateRequest.builder().certificateArn(certificate.certificateArn()).build(),
            calls.clients().dms()::deleteCertificate);
        removed.add("certificate " + certificate.certificateIdentifier());
      }
    }
    return removed;
  }

  private List<Certificate> all() {
    return calls.ask(
        "Listing the certificates of DMS",
        () ->
            calls.clients().dms().describeCertificatesPaginator(r -> {}).stream()
                .flatMap(page -> page.certificates().stream())
                .toList());
  }

  private static String read(Path file) {
    try {
      String pem = Files.readString(file, StandardCharsets.US_ASCII);
      if (pem.contains(BEGIN)) {
        return pem;
      }
    } catch (IOException e) {
      throw invalid(file, "cannot be read", e);
    }
    throw invalid(file, "holds no certificate in PEM", null);
  }

  private static MigrationException invalid(Path file, String why, @Nullable Throwable cause) {
    return new MigrationException(
        ErrorCode.CONFIG_INVALID,
        "sslrootcert: " + file + " " + why,
        "Name the file with the authority's certificate, such as Amazon's bundle for RDS.",
        cause);
  }

  private static String digest(String pem) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(pem.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(hash).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
