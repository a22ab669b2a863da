package dev.pgportage.config;

import dev.pgportage.pg.Secret;
import java.util.List;
import java.util.Optional;

/**
 * How the dashboard is served.
 *
 * @param served whether {@code migrate} serves it
 * @param bind the address it listens on
 * @param port the port; 0 for one that is free
 * @param hosts names under which it is reached besides the address
 * @param token what a request must show; one is made for each run if there is none
 * @param tls the certificate, if there is one
 * @param plain whether it may be served without TLS elsewhere than on loopback
 */
public record Web(
    Switch served,
    String bind,
    int port,
    List<String> hosts,
    Optional<Secret> token,
    Optional<Certificate> tls,
    Plain plain) {
  /** Copies the list. */
  public Web {
    hosts = List.copyOf(hosts);
  }

  /** Whether something is done. */
  public enum Switch {
    /** It is. */
    ON,
    /** It is not. */
    OFF
  }

  /** What is done about an address others can reach, without TLS. */
  public enum Plain {
    /** Nothing is served there. */
    REFUSE,
    /** It is served: something in front of it encrypts. */
    ALLOW
  }

  /** On loopback, at a free port, with a token of its own. */
  public static Web usual() {
    return new Web(
        Switch.ON, "127.0.0.1", 0, List.of(), Optional.empty(), Optional.empty(), Plain.REFUSE);
  }

  /** The same, served or not. */
  public Web served(Switch other) {
    return new Web(other, bind, port, hosts, token, tls, plain);
  }
}
