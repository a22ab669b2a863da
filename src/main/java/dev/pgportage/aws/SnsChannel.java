package dev.pgportage.aws;

import dev.pgportage.MigrationException;
import dev.pgportage.notify.Channel;
import dev.pgportage.notify.Message;
import java.io.IOException;

/** One topic. */
final class SnsChannel implements Channel {
  /** What SNS takes: fewer than 100 characters of ASCII. */
  private static final int LONGEST_SUBJECT = 99;

  private final String topic;
  private final AwsClients clients;

  SnsChannel(String topic, String region) {
    this.topic = topic;
    this.clients = new AwsClients(AwsLogin.ofSurroundings().in(region));
  }

  @Override
  public void send(Message message) throws IOException {
    try {
      AwsFailures.translating(
          "Publishing to " + topic,
          () ->
              clients
                  .topics()
                  .publish(
                      r ->
                          r.topicArn(topic)
                              .subject(subject(message.subject()))
                              .message(message.text())));
    } catch (MigrationException e) {
      throw new IOException(e.what(), e);
    }
  }

  static String subject(String text) {
    String plain = text.replaceAll("[^\\x20-\\x7e]", "?").strip();
    return plain.substring(0, Math.min(LONGEST_SUBJECT, plain.length()));
  }

  @Override
  public void close() {
    clients.close();
  }
}
