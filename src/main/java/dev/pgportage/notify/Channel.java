package dev.pgportage.notify;

import java.io.IOException;

/**
 * A way on which messages reach people. Used by one thread; every call ends within half a minute,
 * whatever the other side does.
 */
public interface Channel extends AutoCloseable {
  /**
   * Hands a message over.
   *
   * @throws IOException if it was not taken; its message holds no secret
   */
  void send(Message message) throws IOException;

  @Override
  default void close() {}
}
