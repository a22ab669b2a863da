package dev.pgportage.notify;

import dev.pgportage.state.NoticeLog.Told;
import dev.pgportage.telemetry.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages to one channel on a thread of its own: one after the other, again and again with
 * growing pauses while the channel fails, and never more of trouble than its rate. What it carries
 * waits in a bounded queue. Thread-safe.
 */
final class Courier implements AutoCloseable {
  /** What a courier needs to know of the others. */
  interface Desk {
    /** Makes the message of a notice. */
    Message message(Notice notice, int heldBack);

    /** What was told. */
    Memory memory();

    /** Takes what the channel itself is reason to tell. */
    Consumer<Event> events();
  }

  private static final int MOST_WAITING = 50;
  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long LONGEST_PAUSE_MILLIS = 60_000;
  private static final Duration GIVE_UP = Duration.ofMinutes(30);

  private record Letter(Notice notice, long since) {}

  private final String name;
  private final Channel channel;
  private final Desk desk;
  private final Rate rate;
  private final Thread thread;
  private final Deque<Letter> waiting = new ArrayDeque<>();
  private int heldBack;
  private boolean failing;
  private boolean closing;

  Courier(String name, Channel channel, Desk desk, int perHour) {
    this.name = name;
    this.channel = channel;
    this.desk = desk;
    this.rate = new Rate(perHour, System.nanoTime());
    this.thread = Thread.ofVirtual().name("notify-" + name).start(this::carry);
  }

  /** Takes a notice; returns at once. */
  synchronized void take(Notice notice) {
    if (closing || (notice.kind().trouble() && !rate.take(System.nanoTime()))) {
      holdBack(notice);
      return;
    }
    if (waiting.size() == MOST_WAITING) {
      Letter oldest =
          waiting.stream()
              .filter(letter -> letter.notice().kind().trouble())
              .findFirst()
              .orElseGet(waiting::getFirst);
      waiting.remove(oldest);
      holdBack(oldest.notice());
    }
    waiting.addLast(new Letter(notice, System.nanoTime()));
    notifyAll();
  }

  private void holdBack(Notice notice) {
    heldBack++;
    desk.memory().failed(new Told(name, notice.topic()));
    if (heldBack == 1) {
      desk.events()
          .accept(
              Event.warning(
                  "notification.held-back",
                  "Messages to " + name + " are held back: there are too many"));
    }
  }

  private void carry() {
    long pause = FIRST_PAUSE_MILLIS;
    try {
      Letter letter = next();
      while (letter != null) {
        if (deliver(letter)) {
          pause = FIRST_PAUSE_MILLIS;
        } else if (!retries(letter, pause)) {
          return;
        } else {
          pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
        }
        letter = next();
      }
    } catch (InterruptedException e) {
      // Closed while the other side was waited for; what waits is not told.
      return;
    } finally {
      channel.close();
    }
  }

  private synchronized @Nullable Letter next() throws InterruptedException {
    while (waiting.isEmpty() && !closing) {
      wait();
    }
    return waiting.peekFirst();
  }

  /** Waits before a letter is tried again; false if there is no time for it any more. */
  private synchronized boolean retries(Letter letter, long pause) throws InterruptedException {
    if (System.nanoTime() - letter.since() > GIVE_UP.toNanos()) {
      waiting.remove(letter);
      holdBack(letter.notice());
    }
    long end = System.nanoTime() + pause * 1_000_000;
    while (!closing && System.nanoTime() < end) {
      wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
    return !closing;
  }

  private boolean deliver(Letter letter) {
    Notice notice = letter.notice();
    int missing = heldBack();
    Optional<String> failure = failure(channel, desk.message(notice, missing));
    if (failure.isEmpty()) {
      taken(letter, missing);
      desk.memory().sent(new Told(name, notice.topic()), notice);
      return true;
    }
    boolean first = isFirstFailure();
    desk.memory().fails(name, failure.get());
    if (first) {
      desk.events()
          .accept(
              Event.warning(
                  "notification.failed",
                  "Nobody is told on channel "
                      + name
                      + " ("
                      + failure.get()
                      + "); it is tried again, the migration goes on"));
    }
    return false;
  }

  /** Why a channel does not take a message, without any secret; empty if it does. */
  static Optional<String> failure(Channel channel, Message message) {
    try {
      channel.send(message);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(Message.flat(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      // Its message may quote a header that holds a secret.
      return Optional.of("it cannot be used: " + e.getClass().getSimpleName());
    }
  }

  private synchronized int heldBack() {
    return heldBack;
  }

  private synchronized boolean isFirstFailure() {
    boolean first = !failing;
    failing = true;
    return first;
  }

  private void taken(Letter letter, int missing) {
    boolean again;
    synchronized (this) {
      waiting.remove(letter);
      heldBack -= missing;
      again = failing;
      failing = false;
    }
    if (again) {
      desk.events()
          .accept(Event.info("notification.goes-on", "Channel " + name + " takes messages again"));
    }
  }

  /** From now on nothing is taken; what waits is tried once more. */
  synchronized void finish() {
    closing = true;
    notifyAll();
  }

  /** Waits for its end, so long and no longer. */
  void await(Duration patience) {
    try {
      if (!thread.join(patience)) {
        thread.interrupt();
        thread.join(Duration.ofMillis(200));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finish();
    await(Duration.ZERO);
  }

  /** So many in an hour, as many at once. Not thread-safe. */
  static final class Rate {
    private static final double HOUR_NANOS = Duration.ofHours(1).toNanos();

    private final int perHour;
    private double left;
    private long at;

    Rate(int perHour, long now) {
      this.perHour = perHour;
      this.left = perHour;
      this.at = now;
    }

    /** Whether one more may go now. */
    boolean take(long now) {
      left = Math.min(perHour, left + (now - at) / HOUR_NANOS * perHour);
      at = now;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }
  }
}
