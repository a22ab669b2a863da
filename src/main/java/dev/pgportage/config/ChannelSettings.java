package dev.pgportage.config;

import dev.pgportage.pg.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One way on which people are told: what the file says of it. Secrets print as stars. */
public sealed interface ChannelSettings {
  /** Its name and what is told on it. */
  Common common();

  /** Its name. */
  default String name() {
    return common().name();
  }

  /**
   * What every channel has.
   *
   * @param name names it in messages; no two have the same
   * @param kinds what is told on it
   */
  record Common(String name, Set<NoticeKind> kinds) {
    /** Copies the set. */
    public Common {
      kinds = Set.copyOf(kinds);
    }
  }

  /**
   * How a server's certificate is checked.
   *
   * @param verify whether it is
   * @param authorities a file of certificates (PEM) to trust; those Java trusts, if empty
   */
  record Trust(boolean verify, Optional<Path> authorities) {
    /** The usual authorities, strictly. */
    public static Trust usual() {
      return new Trust(true, Optional.empty());
    }
  }

  /**
   * Mail through an SMTP server.
   *
   * @param server where and how
   * @param login the user and password, if the server wants them
   * @param from the sender's address
   * @param to the receivers' addresses
   */
  record Smtp(Common common, MailServer server, Optional<Login> login, String from, List<String> to)
      implements ChannelSettings {
    /** Copies the list. */
    public Smtp {
      to = List.copyOf(to);
    }
  }

  /**
   * An SMTP server.
   *
   * @param host name or address
   * @param port TCP port
   * @param protection how the connection is protected
   * @param trust how its certificate is checked
   */
  record MailServer(String host, int port, Protection protection, Trust trust) {}

  /**
   * A login.
   *
   * @param user who
   * @param password its password
   */
  record Login(String user, Secret password) {}

  /** How a connection to a mail server is protected. */
  enum Protection {
    /** It becomes TLS at once after a greeting in clear; refused if the server cannot. */
    STARTTLS,
    /** It is TLS from the beginning. */
    TLS,
    /** It is in clear. */
    NONE
  }

  /**
   * A chat's incoming webhook, as Slack defined it and others understand it.
   *
   * @param url whoever knows it may write there
   */
  record Slack(Common common, Secret url, Trust trust) implements ChannelSettings {}

  /**
   * Any HTTP endpoint that takes JSON.
   *
   * @param url where to; it may hold a token
   * @param endpoint the URL without what could be secret, for messages
   * @param signingKey the key the body is signed with, by HMAC-SHA-256
   * @param authorization the value of the header Authorization
   */
  record Webhook(
      Common common,
      Secret url,
      String endpoint,
      Optional<Secret> signingKey,
      Optional<Secret> authorization,
      Trust trust)
      implements ChannelSettings {}

  /**
   * A topic of Amazon's Simple Notification Service.
   *
   * @param topic its ARN
   */
  record Sns(Common common, String topic) implements ChannelSettings {}

  /** Scheme, host and port of a URL: what may stand in a message. */
  static String endpoint(URI url) {
    return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
  }
}
