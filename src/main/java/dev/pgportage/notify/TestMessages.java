package dev.pgportage.notify;

import dev.pgportage.config.ChannelSettings;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.NoticeKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Messages that tell nothing but that a channel works. */
public final class TestMessages {
  /**
   * What became of one.
   *
   * @param channel the channel's name
   * @param failure why it was not taken; empty if it was
   */
  public record Result(String channel, Optional<String> failure) {}

  private TestMessages() {}

  /** Sends one to every channel, or to the one of that name; each is tried once. */
  public static List<Result> send(MigrationConfig config, Optional<String> only) {
    var results = new ArrayList<Result>();
    for (ChannelSettings settings : config.notifications().channels()) {
      if (only.isEmpty() || only.get().equals(settings.name())) {
        results.add(new Result(settings.name(), sent(config, settings)));
      }
    }
    return results;
  }

  private static Optional<String> sent(MigrationConfig config, ChannelSettings settings) {
    var notice =
        new Notice(
            NoticeKind.STARTED,
            "test",
            false,
            Instant.now(),
            "test message",
            "This is a test message for channel " + settings.name() + ".",
            "Messages about the migration will come this way. Nothing was started.",
            List.of());
    var message = new Message(config.name(), notice, Notifier.origin(config), 0);
    try (Channel channel = Channels.open(settings)) {
      return Courier.failure(channel, message);
    }
  }
}
