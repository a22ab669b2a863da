package dev.pgportage.testing;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.icegreen.greenmail.util.ServerSetupTest;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** A mail server that keeps what it receives. */
public final class MailServer implements AutoCloseable {
  /** Who may log in. */
  public static final String USER = "shipper";

  /** The user's password, with characters that are easily mangled. */
  public static final String PASSWORD = "p@ss \"w0rd\\";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final GreenMail server;

  private MailServer(ServerSetup setup) {
    server = new GreenMail(setup);
    server.setUser("dba@example.com", USER, PASSWORD);
    server.start();
  }

  /** A server on a free port. */
  public static MailServer start() {
    return new MailServer(ServerSetupTest.SMTP.dynamicPort());
  }

  /** A server on a port that was another's. */
  public static MailServer startAt(int port) {
    return new MailServer(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  }

  /** Where it listens. */
  public int port() {
    return server.getSmtp().getPort();
  }

  /** What it has received, each mail once, whatever the number of its receivers. */
  public List<MimeMessage> received() {
    var mails = new LinkedHashMap<String, MimeMessage>();
    for (MimeMessage mail : server.getReceivedMessages()) {
      try {
        mails.putIfAbsent(mail.getMessageID(), mail);
      } catch (MessagingException e) {
        throw new AssertionError(e);
      }
    }
    return List.copyOf(mails.values());
  }

  /** The subjects of what it has received, in that order. */
  public List<String> subjects() {
    return received().stream().map(MailServer::subject).toList();
  }

  /** Waits for a mail whose subject holds a text. */
  public MimeMessage await(String text) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      for (MimeMessage mail : received()) {
        if (subject(mail).contains(text)) {
          return mail;
        }
      }
      pause();
    }
    throw new AssertionError("No mail about '" + text + "' among " + subjects());
  }

  /** All of a mail's parts, as texts. */
  public static String content(MimeMessage mail) {
    try {
      var parts = (jakarta.mail.Multipart) mail.getContent();
      return Stream.of(parts.getBodyPart(0).getContent(), parts.getBodyPart(1).getContent())
          .map(Object::toString)
          .reduce("", (a, b) -> a + "\n" + b);
    } catch (MessagingException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String subject(MimeMessage mail) {
    try {
      return mail.getSubject();
    } catch (MessagingException e) {
      throw new AssertionError(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    server.stop();
  }
}
