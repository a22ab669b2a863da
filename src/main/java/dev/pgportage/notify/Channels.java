package dev.pgportage.notify;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.ChannelSettings;
import java.util.ServiceLoader;

/** Makes the channel a setting names. */
final class Channels {
  private Channels() {}

  /**
   * The channel, not connected yet.
   *
   * @throws MigrationException CONFIG_INVALID if there is no such channel here
   */
  static Channel open(ChannelSettings settings) {
    return switch (settings) {
      case ChannelSettings.Smtp smtp -> new SmtpChannel(smtp);
      case ChannelSettings.Slack slack -> WebhookChannel.of(slack);
      case ChannelSettings.Webhook webhook -> WebhookChannel.of(webhook);
      case ChannelSettings.Sns sns -> provided(sns);
    };
  }

  private static Channel provided(ChannelSettings settings) {
    for (ChannelProvider provider : ServiceLoader.load(ChannelProvider.class)) {
      var channel = provider.open(settings);
      if (channel.isPresent()) {
        return channel.get();
      }
    }
    throw new MigrationException(
        ErrorCode.CONFIG_INVALID,
        "notifications: this pgportage has no channel for " + settings.name(),
        "Take it out, or run a pgportage that was built with it.",
        null);
  }
}
