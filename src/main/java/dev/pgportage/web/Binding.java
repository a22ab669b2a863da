package dev.pgportage.web;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Web;
import dev.pgportage.config.Web.Plain;
import dev.pgportage.pg.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Where the dashboard listens, for whom, and what keeps others out: never on an address others can
 * reach without TLS, unless the user says that something in front of it encrypts.
 *
 * @param address the address
 * @param port the port, 0 for a free one
 * @param hosts names under which it is reached, besides the address
 * @param token what a request must show
 * @param tls encrypts, if there is a certificate
 */
record Binding(
    InetAddress address, int port, List<String> hosts, Secret token, Optional<SSLContext> tls) {
  private static final int TOKEN_BYTES = 32;

  /**
   * Where the settings say.
   *
   * @throws MigrationException WEB_REFUSED if others could listen, WEB_UNAVAILABLE if the address
   *     or the certificate cannot be used
   */
  static Binding of(Web settings) {
    InetAddress address = address(settings.bind());
    if (!address.isLoopbackAddress()
        && settings.tls().isEmpty()
        && settings.plain() != Plain.ALLOW) {
      throw new MigrationException(
          ErrorCode.WEB_REFUSED,
          "The dashboard would be sent unencrypted to whoever reaches " + settings.bind());
    }
    return new Binding(
        address,
        settings.port(),
        settings.hosts(),
        settings.token().orElseGet(Binding::newToken),
        settings.tls().map(ServerTls::context));
  }

  /** Whether only this machine reaches it. */
  boolean isLocal() {
    return address.isLoopbackAddress();
  }

  String scheme() {
    return tls.isPresent() ? "https" : "http";
  }

  private static InetAddress address(String bind) {
    try {
      return InetAddress.getByName(bind);
    } catch (UnknownHostException e) {
      throw new MigrationException(
          ErrorCode.WEB_UNAVAILABLE, "web.bind: " + bind + " is no address of this machine", e);
    }
  }

  private static Secret newToken() {
    var bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }
}
