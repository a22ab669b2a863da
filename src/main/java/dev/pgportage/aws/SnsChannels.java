package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.ChannelSettings;
import dev.pgportage.notify.Channel;
import dev.pgportage.notify.ChannelProvider;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Topics of Amazon's Simple Notification Service as channels of notifications. */
public final class SnsChannels implements ChannelProvider {
  private static final Pattern TOPIC =
      Pattern.compile("arn:aws[a-z-]*:sns:(?<region>[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_.-]+");

  @Override
  public Optional<Channel> open(ChannelSettings settings) {
    if (!(settings instanceof ChannelSettings.Sns sns)) {
      return Optional.empty();
    }
    Matcher topic = TOPIC.matcher(sns.topic());
    if (!topic.matches()) {
      throw new MigrationException(
          ErrorCode.CONFIG_INVALID,
          "The notification channel " + sns.name() + ": topic is no ARN of an SNS topic",
          "Such as arn:aws:sns:eu-central-1:123456789012:migrations.",
          null);
    }
    return Optional.of(new SnsChannel(sns.topic(), topic.group("region")));
  }
}
