package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What one command asks of AWS. In a rehearsal every call is told, and those that would change
 * something are not made. Owns its clients. Not thread-safe, but for {@link #stop}.
 */
final class AwsCalls implements AutoCloseable {
  private static final long FIRST_PAUSE = 250;
  private static final long LONGEST_PAUSE = 8_000;

  private final AwsClients clients;
  private final Consumer<String> told;
  private final boolean rehearsal;
  private final CallText text;
  private final Object monitor = new Object();
  private long pause = FIRST_PAUSE;
  private boolean stopped;

  /**
   * Calls of one login.
   *
   * @param told takes lines for whoever watches
   * @param rehearsal whether nothing is changed
   */
  AwsCalls(AwsLogin login, Consumer<String> told, boolean rehearsal) {
    this.told = told;
    this.rehearsal = rehearsal;
    this.text = new CallText();
    this.clients =
        new AwsClients(
            login, rehearsal ? Optional.of(new CallListener(text, told)) : Optional.empty());
  }

  AwsClients clients() {
    return clients;
  }

  boolean isRehearsal() {
    return rehearsal;
  }

  /** Tells whoever watches. */
  void tell(String line) {
    told.accept(line);
  }

  /** From now on this text is never told. */
  void hide(String secret) {
    text.hide(secret);
  }

  /** Asks something that changes nothing. */
  <T> T ask(String what, Supplier<T> call) {
    return AwsFailures.translating(what, call);
  }

  /** The same, where AWS's refusal is an answer. */
  <T> Optional<T> askUnless(
      String what, Supplier<T> call, Function<SdkException, Boolean> isAnswer) {
    try {
      return Optional.of(call.get());
    } catch (SdkException e) {
      if (isAnswer.apply(e)) {
        return Optional.empty();
      }
      throw AwsFailures.failure(what, e);
    }
  }

  /**
   * Changes something, or tells what would be changed.
   *
   * @param action as in a policy, such as {@code s3:DeleteBucket}
   * @return nothing in a rehearsal
   */
  <R extends SdkRequest, T> Optional<T> change(
      String what, String action, R request, Function<R, T> call) {
    if (rehearsal) {
      told.accept("would call  " + action + "  " + text.of(request));
      return Optional.empty();
    }
    return Optional.of(AwsFailures.translating(what, () -> call.apply(request)));
  }

  /** Waits before asking again: shortly at first, then longer. */
  void pause(String meanwhile) {
    synchronized (monitor) {
      long end = System.nanoTime() + pause * 1_000_000;
      pause = Math.min(LONGEST_PAUSE, pause * 3 / 2);
      while (!stopped && System.nanoTime() < end) {
        try {
          monitor.wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          stopped = true;
        }
      }
      if (stopped) {
        throw new MigrationException(
            ErrorCode.INTERRUPTED, meanwhile, "The same command goes on watching.", null);
      }
    }
  }

  /** Something happened: the next pause is a short one again. */
  void hurry() {
    synchronized (monitor) {
      pause = FIRST_PAUSE;
    }
  }

  /** Ends what waits. Thread-safe. */
  void stop() {
    synchronized (monitor) {
      stopped = true;
      monitor.notifyAll();
    }
  }

  @Override
  public void close() {
    clients.close();
  }
}
