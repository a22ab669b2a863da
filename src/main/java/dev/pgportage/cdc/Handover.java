package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pgoutput.MessageDecoder;
import dev.pgportage.spool.Spool;
import dev.pgportage.spool.SpoolCursor;
import dev.pgportage.spool.SpoolRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where messages wait between the reader and the applier: in memory, or in the spool while the
 * applier is too far behind. Never in both ways at once for the reader: it goes over to the spool
 * between two transactions, and back once the applier has read all of it.
 *
 * <p>{@code put…} and what changes the spool are the reader's, {@link #take} is the applier's.
 */
final class Handover implements AutoCloseable {
  /** What a message costs in memory beside its bytes until it is handed over. */
  private static final int OVERHEAD = 100;

  private static final int LARGE = 4096;

  /** What is handed over together. */
  private sealed interface Handful {
    /** As many bytes of memory as it takes. */
    long weight();

    List<Received> messages();
  }

  /**
   * Messages, one behind the other: many objects that wait would keep the collector busy.
   *
   * @param lengths of the messages
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Packed(byte[] bytes, int[] lengths, long weight) implements Handful {
    static Packed of(List<ByteBuffer> messages, long weight) {
      int[] lengths = new int[messages.size()];
      int size = 0;
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = messages.get(i).remaining();
        size += lengths[i];
      }
      byte[] bytes = new byte[size];
      int at = 0;
      for (int i = 0; i < lengths.length; i++) {
        ByteBuffer message = messages.get(i);
        message.get(message.position(), bytes, at, lengths[i]);
        at += lengths[i];
      }
      return new Packed(bytes, lengths, weight);
    }

    @Override
    public List<Received> messages() {
      var decoded = new ArrayList<Received>(lengths.length);
      int at = 0;
      for (int length : lengths) {
        var message = MessageDecoder.decode(bytes, at, length);
        decoded.add(new Received.Sent(message, length));
        at += length;
      }
      return decoded;
    }
  }

  /** Messages as they came: such as are large, and cost more to copy than to keep apart. */
  private record Loose(List<ByteBuffer> buffers, long weight) implements Handful {
    @Override
    public List<Received> messages() {
      return decoded(buffers);
    }
  }

  private record Quiet(Lsn position) implements Handful {
    @Override
    public long weight() {
      return 0;
    }

    @Override
    public List<Received> messages() {
      return List.of(new Received.Quiet(position));
    }
  }

  private final LinkedBlockingQueue<Handful> queue = new LinkedBlockingQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final Optional<SpoolCursor> cursor;
  private final long budgetBytes;
  private boolean spooling;

  /**
   * Begins with what is in the spool.
   *
   * @param budgetBytes how much memory may wait; half as much again at most, or one message
   */
  Handover(Optional<Spool> spool, long budgetBytes) {
    this.cursor = spool.map(Spool::read);
    this.budgetBytes = budgetBytes;
    this.spooling = spool.filter(s -> !s.isEmpty()).isPresent();
  }

  static long weight(ByteBuffer message) {
    return (long) message.remaining() + OVERHEAD;
  }

  boolean isSpooling() {
    return spooling;
  }

  /** Whether the memory is used up. */
  boolean isFull() {
    return queuedBytes.get() > budgetBytes;
  }

  /** Hands messages over in memory. */
  void put(List<ByteBuffer> messages, long weight) {
    queuedBytes.addAndGet(weight);
    boolean large = weight > (long) LARGE * messages.size();
    queue.add(large ? new Loose(messages, weight) : Packed.of(messages, weight));
  }

  void putQuiet(Lsn position) {
    queue.add(new Quiet(position));
  }

  /** Goes over to the spool. */
  void beginSpooling() {
    spooling = true;
  }

  /** Goes back to memory if the applier has read all of the spool. */
  boolean endSpooling() {
    spooling = !cursor.orElseThrow().isAtEnd();
    return !spooling;
  }

  /**
   * The next messages, or null if none came in time.
   *
   * @param patienceNanos how long to wait for them
   */
  @Nullable List<Received> take(long patienceNanos) throws InterruptedException {
    Handful next = queue.poll();
    if (next == null && cursor.filter(c -> !c.isAtEnd()).isPresent()) {
      // What was handed over in memory before the spool began is there by now.
      next = queue.poll();
      if (next == null) {
        return cursor.orElseThrow().next().map(Handover::received).orElse(null);
      }
    }
    if (next == null) {
      next = queue.poll(patienceNanos, TimeUnit.NANOSECONDS);
    }
    if (next == null) {
      return null;
    }
    queuedBytes.addAndGet(-next.weight());
    return next.messages();
  }

  /** Whether nothing is waiting to be taken. */
  boolean isEmpty() {
    return queue.isEmpty() && cursor.filter(c -> !c.isAtEnd()).isEmpty();
  }

  private static List<Received> received(SpoolRecord entry) {
    return switch (entry) {
      case SpoolRecord.Position(Lsn position) -> List.of(new Received.Quiet(position));
      case SpoolRecord.Messages(var messages, var _) -> decoded(messages);
    };
  }

  private static List<Received> decoded(List<ByteBuffer> messages) {
    var decoded = new ArrayList<Received>(messages.size());
    for (ByteBuffer message : messages) {
      int length = message.remaining();
      decoded.add(new Received.Sent(MessageDecoder.decode(message), length));
    }
    return decoded;
  }

  @Override
  public void close() {
    cursor.ifPresent(SpoolCursor::close);
  }
}
