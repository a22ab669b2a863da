package dev.pgportage.notify;

import dev.pgportage.config.ChannelSettings;
import dev.pgportage.config.ChannelSettings.Protection;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLException;

/** Mail: plain text and a small page, to all receivers in one message. */
final class SmtpChannel implements Channel {
  private static final String UTF_8 = StandardCharsets.UTF_8.name();
  private static final String TIMEOUT_MILLIS = "10000";

  private final ChannelSettings.Smtp settings;
  private final Session session;

  SmtpChannel(ChannelSettings.Smtp settings) {
    this.settings = settings;
    this.session = Session.getInstance(properties(settings));
  }

  private static Properties properties(ChannelSettings.Smtp settings) {
    ChannelSettings.MailServer server = settings.server();
    var properties = new Properties();
    properties.put("mail.transport.protocol", "smtp");
    properties.put("mail.smtp.host", server.host());
    properties.put("mail.smtp.port", Integer.toString(server.port()));
    properties.put("mail.smtp.connectiontimeout", TIMEOUT_MILLIS);
    properties.put("mail.smtp.timeout", TIMEOUT_MILLIS);
    properties.put("mail.smtp.writetimeout", TIMEOUT_MILLIS);
    properties.put("mail.smtp.auth", Boolean.toString(settings.login().isPresent()));
    properties.put("mail.smtp.from", settings.from());
    if (server.protection() != Protection.NONE) {
      boolean early = server.protection() == Protection.TLS;
      properties.put(early ? "mail.smtp.ssl.enable" : "mail.smtp.starttls.enable", "true");
      properties.put("mail.smtp.starttls.required", Boolean.toString(!early));
      properties.put(
          "mail.smtp.ssl.checkserveridentity", Boolean.toString(server.trust().verify()));
      properties.put(
          "mail.smtp.ssl.socketFactory", TrustedTls.context(server.trust()).getSocketFactory());
    }
    return properties;
  }

  @Override
  public void send(Message message) throws IOException {
    try (Transport transport = session.getTransport()) {
      Optional<ChannelSettings.Login> login = settings.login();
      MimeMessage mail = mail(message);
      transport.connect(
          login.map(ChannelSettings.Login::user).orElse(null),
          login.map(l -> l.password().reveal()).orElse(null));
      transport.sendMessage(mail, mail.getAllRecipients());
    } catch (MessagingException e) {
      throw new IOException(why(e), e);
    }
  }

  private MimeMessage mail(Message message) throws MessagingException {
    var mail = new MimeMessage(session);
    mail.setFrom(new InternetAddress(settings.from(), true));
    for (String receiver : settings.to()) {
      mail.addRecipient(RecipientType.TO, new InternetAddress(receiver, true));
    }
    mail.setSubject(message.subject(), UTF_8);
    mail.setSentDate(Date.from(message.notice().at()));
    // Automatic answers such as "out of office" stay away (RFC 3834).
    mail.setHeader("Auto-Submitted", "auto-generated");
    mail.setHeader("X-Pgportage-Kind", message.notice().kind().toString());
    if (message.notice().kind().trouble() && !message.notice().over()) {
      mail.setHeader("Importance", "high");
    }
    var text = new MimeBodyPart();
    text.setText(message.text(), UTF_8);
    var page = new MimeBodyPart();
    page.setText(message.html(), UTF_8, "html");
    mail.setContent(new MimeMultipart("alternative", text, page));
    return mail;
  }

  /** Why a mail was not taken, in words without what the server said: it may quote a login. */
  private String why(MessagingException failure) {
    String where = settings.server().host() + ":" + settings.server().port();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case AuthenticationFailedException _ -> {
          return where + " refuses the login of " + settings.login().map(l -> l.user()).orElse("");
        }
        case SSLException e -> {
          return where + ": TLS failed: " + e.getMessage();
        }
        case UnknownHostException _ -> {
          return "the host " + settings.server().host() + " is not known";
        }
        case SocketTimeoutException _ -> {
          return where + " does not answer in time";
        }
        case java.net.ConnectException _ -> {
          return where + " refuses the connection";
        }
        default -> {}
      }
    }
    if (String.valueOf(failure.getMessage()).contains("STARTTLS")) {
      return where + " does not offer STARTTLS";
    }
    return where + " does not take the mail (" + code(failure) + ")";
  }

  private static String code(MessagingException failure) {
    var status =
        java.util.regex.Pattern.compile("\\b[245]\\d\\d\\b")
            .matcher(String.valueOf(failure.getMessage()));
    return status.find() ? "status " + status.group() : failure.getClass().getSimpleName();
  }
}
