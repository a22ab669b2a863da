package dev.pgportage.notify;

import dev.pgportage.config.ChannelSettings;
import java.util.Optional;

/**
 * Makes channels of a sort this package does not know itself, such as a cloud's topics. Found by
 * {@link java.util.ServiceLoader}.
 */
public interface ChannelProvider {
  /**
   * The channel of these settings; empty if they are another provider's.
   *
   * @throws dev.pgportage.MigrationException CONFIG_INVALID if it cannot be made of them
   */
  Optional<Channel> open(ChannelSettings settings);
}
