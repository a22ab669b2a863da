package dev.pgportage.notify;

import dev.pgportage.MigrationException;
import dev.pgportage.config.ChannelSettings;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.state.NoticeLog.Told;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A monitor that tells people: of what passes it, it makes notices, and gives each to the channels
 * that want its kind, unless it was told there before. Passing costs a place in a queue; everything
 * else is done on other threads. Thread-safe.
 */
public final class Notifier extends ForwardingMonitor implements AutoCloseable {
  private static final int MOST_WAITING = 1000;
  private static final Duration BETWEEN_SIGNS = Duration.ofSeconds(10);
  private static final Duration TO_DISPATCH = Duration.ofSeconds(3);
  private static final Duration TO_DELIVER = Duration.ofSeconds(6);

  /** A channel and what is told on it. */
  private record Post(ChannelSettings.Common settings, Courier courier) {}

  private sealed interface Passed {}

  private record Happened(Event event) implements Passed {}

  private record Alarmed(Event event) implements Passed {}

  private record Alive(Instant at) implements Passed {}

  private record Ended(MigrationException failure) implements Passed {}

  private record Closing() implements Passed {}

  private final Map<String, Post> posts = new LinkedHashMap<>();
  private final BlockingQueue<Passed> passed = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong aliveAt = new AtomicLong(System.nanoTime());
  private final LagAlarm alarm;
  private final Wording wording;
  private final Memory memory;
  private final Thread dispatcher;

  /**
   * Begins to tell.
   *
   * @param next told of everything, too
   * @param target where what was told is remembered
   * @throws MigrationException CONFIG_INVALID if a channel cannot be made of its settings
   */
  public Notifier(MigrationConfig config, Monitor next, Database target) {
    super(next);
    this.alarm = new LagAlarm(config.notifications().maxLag());
    this.wording = new Wording();
    this.memory = new Memory(target, config.name());
    var desk = new FrontDesk(config.name(), origin(config), memory, this::ownEvent);
    for (ChannelSettings settings : config.notifications().channels()) {
      var courier =
          new Courier(
              settings.name(), Channels.open(settings), desk, config.notifications().perHour());
      posts.put(settings.name(), new Post(settings.common(), courier));
    }
    this.dispatcher = Thread.ofVirtual().name("notify").start(this::dispatch);
  }

  private record FrontDesk(
      String migration, Message.Origin origin, Memory memory, Consumer<Event> events)
      implements Courier.Desk {
    @Override
    public Message message(Notice notice, int heldBack) {
      return new Message(migration, notice, origin, heldBack);
    }
  }

  /** What messages of a migration say of where they come from. */
  static Message.Origin origin(MigrationConfig config) {
    String version = Notifier.class.getPackage().getImplementationVersion();
    return new Message.Origin(
        Optional.ofNullable(System.getenv("HOSTNAME")).orElse("this host"),
        place(config.source()),
        place(config.target()),
        version == null ? "(not packaged)" : version);
  }

  private static String place(Endpoint endpoint) {
    return endpoint.host() + ":" + endpoint.port() + "/" + endpoint.database();
  }

  @Override
  public void event(Event event) {
    super.event(event);
    alarm.hear(event);
    if (!posts.isEmpty()) {
      pass(new Happened(event));
    }
  }

  @Override
  public void lag(Lag lag) {
    super.lag(lag);
    alarm
        .judge(lag, Instant.now())
        .ifPresent(
            event -> {
              super.event(event);
              pass(new Alarmed(event));
            });
    long now = System.nanoTime();
    long last = aliveAt.get();
    if (!posts.isEmpty()
        && now - last > BETWEEN_SIGNS.toNanos()
        && aliveAt.compareAndSet(last, now)) {
      pass(new Alive(Instant.now()));
    }
  }

  /** The migration ends with an error, or was stopped: kept in the audit trail, and told. */
  public void failed(MigrationException failure) {
    pass(new Ended(failure));
  }

  private void pass(Passed what) {
    if (!passed.offer(what)) {
      // A thousand wait: the oldest is the least missed.
      passed.poll();
      passed.offer(what);
    }
  }

  /** What channels are reason to tell goes to the audit trail and whoever watches, not to them. */
  private void ownEvent(Event event) {
    super.event(event);
    memory.note(event);
  }

  private void dispatch() {
    try {
      while (true) {
        switch (passed.take()) {
          case Happened(Event event) -> wording.of(event).forEach(this::tell);
          case Alarmed(Event event) -> {
            memory.note(event);
            wording.of(event).forEach(this::tell);
          }
          case Alive(Instant at) -> wording.alive(at).forEach(this::tell);
          case Ended(MigrationException failure) -> end(failure);
          case Closing() -> {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      // Closed while the target was waited for.
      return;
    }
  }

  private void end(MigrationException failure) {
    String what = failure.code() + ": " + failure.what();
    switch (failure.code()) {
      // Another process has the migration: this one has nothing to say of it.
      case LEASE_HELD, LEASE_LOST -> {}
      case INTERRUPTED -> memory.note(Event.info("migration.stopped", what));
      default -> memory.note(new Event(Instant.now(), Event.Level.ERROR, "migration.failed", what));
    }
    wording.of(failure).forEach(this::tell);
  }

  private void tell(Wording.Told told) {
    for (Map.Entry<String, Post> entry : posts.entrySet()) {
      Post post = entry.getValue();
      switch (told) {
        case Wording.Say(Notice notice) -> {
          var topic = new Told(entry.getKey(), notice.topic());
          if (post.settings().kinds().contains(notice.kind()) && !memory.isOpen(topic)) {
            memory.begins(topic);
            post.courier().take(notice);
          }
        }
        case Wording.End(String name, Optional<Notice> over) -> {
          List<Told> open = memory.open(entry.getKey(), name);
          open.forEach(memory::ended);
          if (!open.isEmpty()) {
            over.ifPresent(post.courier()::take);
          }
        }
      }
    }
  }

  /** Tells what still waits, for some seconds at most. */
  @Override
  public void close() {
    pass(new Closing());
    try {
      dispatcher.join(TO_DISPATCH);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    dispatcher.interrupt();
    posts.values().forEach(post -> post.courier().finish());
    long end = System.nanoTime() + TO_DELIVER.toNanos();
    for (Post post : posts.values()) {
      post.courier().await(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    }
    memory.close();
  }
}
