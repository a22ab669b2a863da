package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.spool.Spool;
import dev.pgportage.spool.SpoolRecord;
import dev.pgportage.state.CrashPoint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what a stream brings to the spool, so that it can be read from the first message of any of
 * its files. Used by the reading thread.
 *
 * <p>A block ends where a transaction ends, or holds only a part of one: so a transaction that was
 * not received to its end can be cut off. Each file begins with the relations described so far,
 * since the stream describes each only once.
 */
final class Spooling {
  private final Spool spool;
  private final Map<Long, ByteBuffer> relations = new LinkedHashMap<>();
  private Lsn synced = Lsn.ZERO;
  private boolean describing;

  Spooling(Spool spool) {
    this.spool = spool;
  }

  /** Makes the spool ready to go on at its end, if everything before a position is applied. */
  void prepare(Lsn saved) {
    if (!spool.isEmpty() && (saved.isBefore(spool.from()) || !saved.isBefore(spool.end()))) {
      // Never confirmed, so sent again; or of no use any more.
      spool.clear();
    }
    if (!spool.isEmpty()) {
      spool.begin(spool.end());
    }
  }

  /** Takes note of a description. */
  void learn(ByteBuffer relation) {
    relations.put(Integer.toUnsignedLong(relation.getInt(relation.position() + 1)), relation);
  }

  /** Whether the spool should be used now, with the source's WAL this far ahead. */
  boolean isWanted(long bytesBehind) {
    return spool.limits().mostBytes() > 0
        && bytesBehind > spool.limits().beginsAt()
        && spool.isEmpty();
  }

  /** Begins between two transactions. */
  void begin(Lsn from) {
    spool.begin(from);
    describing = true;
  }

  /** Between two transactions: begins another file if this one is large enough. */
  void boundary() {
    if (spool.isSegmentFull()) {
      spool.beginSegment();
      describing = true;
    }
  }

  private boolean describe() {
    if (describing && !relations.isEmpty()) {
      var descriptions = new SpoolRecord.Messages(List.copyOf(relations.values()), Lsn.ZERO);
      describing = !spool.append(descriptions);
    }
    return relations.isEmpty() || !describing;
  }

  /**
   * Takes messages.
   *
   * @param whole how many of them are up to the last end of a transaction
   * @param end where that is
   * @return those for which there is no room
   */
  List<ByteBuffer> append(List<ByteBuffer> messages, int whole, Lsn end) {
    if (!describe()) {
      return messages;
    }
    if (whole > 0 && !spool.append(new SpoolRecord.Messages(messages.subList(0, whole), end))) {
      return messages;
    }
    List<ByteBuffer> rest = messages.subList(whole, messages.size());
    return rest.isEmpty() || spool.append(new SpoolRecord.Messages(rest, Lsn.ZERO))
        ? List.of()
        : new ArrayList<>(rest);
  }

  /** Takes note that nothing more was committed before a position; if there is no room, later. */
  void quiet(Lsn position) {
    spool.append(new SpoolRecord.Position(position));
  }

  /**
   * The position the source may forget everything before.
   *
   * @param saved everything before it is on the target, for good
   */
  Lsn confirmable(Lsn saved) {
    if (spool.isEmpty() || saved.isBefore(spool.from())) {
      return saved;
    }
    if (synced.isBefore(spool.end())) {
      CrashPoint.SPOOL_BEFORE_SYNC.pass();
      synced = spool.sync();
      CrashPoint.SPOOL_AFTER_SYNC.pass();
    }
    return Lsn.max(saved, synced);
  }

  /** Removes what is on the target; all of it if nothing more is written to it. */
  void release(Lsn saved, boolean inUse) {
    if (spool.isEmpty()) {
      return;
    }
    if (!inUse && !saved.isBefore(spool.end())) {
      spool.clear();
    } else {
      spool.release(saved);
    }
  }
}
