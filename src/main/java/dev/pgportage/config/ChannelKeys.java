package dev.pgportage.config;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The keys of an item of {@code notifications}, by its type. */
final class ChannelKeys {
  /** The name of the list in the file. */
  static final String LIST = "notifications";

  /** What an item can be. */
  enum Type {
    SMTP,
    SLACK,
    WEBHOOK,
    SNS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A choice that is yes or no. */
  enum Choice {
    TRUE,
    FALSE
  }

  /** Kinds of messages, or all those of one sort. */
  static final String ALL_KINDS = "all";

  static final String TROUBLE = "trouble";
  static final String MILESTONES = "milestones";

  private static final Kind<String> ADDRESS =
      Kind.text(
          "a mail address, such as dba@example.com", "[^\\s<>,;:\"()\\[\\]@]+@[A-Za-z0-9.-]+");

  private static final String FROM_ENVIRONMENT = "${NAME}, a variable of the environment";

  static final Setting<Type> TYPE =
      Setting.absent("type", Kind.word(Type.class), "an error", "How people are told.");
  static final Setting<String> NAME =
      Setting.absent(
          "name",
          Kind.text("letters, digits, - and _, at most 40", "[A-Za-z0-9_-]{1,40}"),
          "the type",
          "Names the channel in status, events and 'notify test'.");
  static final Setting<String> KINDS =
      Setting.of(
          "kinds",
          Kind.texts(
              "a list of " + String.join(", ", words().toList()) + ", or all, milestones, trouble",
              String.join(
                  "|", Stream.concat(words(), Stream.of(ALL_KINDS, MILESTONES, TROUBLE)).toList())),
          "[all]",
          "What is told on it.");

  static final Setting<String> HOST =
      Setting.absent(
          "host", Kind.text("a host", "[A-Za-z0-9.:-]+"), "an error", "The mail server.");
  static final Setting<ChannelSettings.Protection> PROTECTION =
      Setting.of(
          "tls",
          Kind.word(ChannelSettings.Protection.class),
          "starttls",
          "starttls: after a greeting in clear, and refused if the server cannot; tls: from the"
              + " beginning; none: in clear, only without a password or on loopback.");
  static final Setting<Long> PORT =
      Setting.absent(
          "port",
          Kind.whole(1, 65535),
          "587 with starttls, 465 with tls, 25 with none",
          "Its TCP port.");
  static final Setting<String> USER =
      Setting.absent("user", Kind.text("a user name", ".+"), "no login", "Who logs in.");
  static final Setting<String> PASSWORD =
      Setting.absent(
          "password", Kind.text(FROM_ENVIRONMENT, "(?s).*"), "no login", "The user's password.");
  static final Setting<String> FROM =
      Setting.absent("from", ADDRESS, "an error", "The sender's address.");
  static final Setting<String> TO =
      Setting.absent(
          "to",
          new Kind<>("a list of mail addresses", ADDRESS.parser(), true),
          "an error",
          "Who gets the mails.");

  static final Setting<String> URL =
      Setting.absent(
          "url",
          Kind.text("an https:// URL; http:// to loopback only", "(?s).*"),
          "an error",
          "Where messages are posted to. A chat's webhook, which lets whoever knows it write, has to"
              + " be a ${NAME}.");
  static final Setting<String> SECRET =
      Setting.absent(
          "secret",
          Kind.text(FROM_ENVIRONMENT, "(?s).*"),
          "not signed",
          "The key that signs what is posted (HMAC-SHA-256, see docs/notifications.md).");
  static final Setting<String> AUTHORIZATION =
      Setting.absent(
          "authorization",
          Kind.text(FROM_ENVIRONMENT, "(?s).*"),
          "no such header",
          "The value of the request's header Authorization.");

  static final Setting<String> TOPIC =
      Setting.absent(
          "topic",
          Kind.text("an ARN, arn:aws:sns:REGION:ACCOUNT:NAME", "arn:[a-z0-9-]+:sns:[^:]+:[^:]+:.+"),
          "an error",
          "The topic that is published to.");

  static final Setting<Choice> VERIFY =
      Setting.of(
          "verify_tls",
          Kind.word(Choice.class),
          "true",
          "false: whoever answers is trusted, with a warning; better name the authority.");
  static final Setting<String> AUTHORITIES =
      Setting.absent(
          "ca_file",
          Kind.text("a file of certificates (PEM)", ".+"),
          "the authorities Java trusts",
          "Whose certificates are trusted.");

  private ChannelKeys() {}

  private static Stream<String> words() {
    return Stream.of(NoticeKind.values()).map(NoticeKind::toString);
  }

  /** The keys of a type, in the order of the reference. */
  static List<Setting<?>> of(Type type) {
    List<Setting<?>> own =
        switch (type) {
          case SMTP ->
              List.of(HOST, PORT, PROTECTION, USER, PASSWORD, FROM, TO, VERIFY, AUTHORITIES);
          case SLACK -> List.of(URL, VERIFY, AUTHORITIES);
          case WEBHOOK -> List.of(URL, SECRET, AUTHORIZATION, VERIFY, AUTHORITIES);
          case SNS -> List.of(TOPIC);
        };
    return Stream.concat(common().stream(), own.stream()).<Setting<?>>map(s -> s).toList();
  }

  /** The keys of every type. */
  static List<Setting<?>> common() {
    return List.of(TYPE, NAME, KINDS);
  }
}
