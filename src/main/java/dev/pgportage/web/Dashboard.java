package dev.pgportage.web;

import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.RequestDesk;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.function.Supplier;

/**
 * A migration's dashboard while it is served. What it shows comes from the state, and sooner from
 * its monitor where this process runs the migration; what is asked on it goes through the state.
 * Thread-safe.
 */
public final class Dashboard implements AutoCloseable {
  private final Binding binding;
  private final Sampler sampler;
  private final EventStream stream;
  private final Front front;

  private Dashboard(Binding binding, Sampler sampler, EventStream stream, Front front) {
    this.binding = binding;
    this.sampler = sampler;
    this.stream = stream;
    this.front = front;
  }

  /**
   * Serves a migration's dashboard where its settings say, until it is closed.
   *
   * @param next told of all that {@link #monitor()} is told
   * @throws MigrationException WEB_REFUSED or WEB_UNAVAILABLE
   */
  public static Dashboard open(MigrationConfig config, Monitor next) {
    Binding binding = Binding.of(config.web());
    var board = new Board();
    var sampler = new Sampler(config, board, next);
    var stream = new EventStream(board, sampler);
    var api = new Api(config.name(), board, new RequestDesk(config));
    try {
      Front front = Front.open(binding, api, stream);
      sampler.start();
      return new Dashboard(binding, sampler, stream, front);
    } catch (MigrationException e) {
      stream.close();
      throw e;
    }
  }

  /** To be told of what the migration does, where this process runs it. */
  public Monitor monitor() {
    return sampler.monitor();
  }

  /** Where it is, without the token. */
  public String address() {
    InetAddress at =
        binding.address().isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress()
            : binding.address();
    String host = binding.hosts().isEmpty() ? literal(at) : binding.hosts().getFirst();
    return binding.scheme() + "://" + host + ":" + front.port() + "/";
  }

  private static String literal(InetAddress address) {
    return address instanceof Inet6Address
        ? "[" + address.getHostAddress() + "]"
        : address.getHostAddress();
  }

  /**
   * The same with the token in its fragment, which browsers keep to themselves: to be shown to one
   * person once.
   */
  public String link() {
    return address() + "#token=" + binding.token().reveal();
  }

  /** Answers a path, such as {@code /metrics}, with a text. */
  public void serve(String path, String type, Supplier<String> text) {
    front.add(path, () -> Reply.text(type, text.get()));
  }

  /** Shows how it stands a last time, and ends. */
  @Override
  public void close() {
    sampler.close();
    front.close();
    stream.close();
  }
}
