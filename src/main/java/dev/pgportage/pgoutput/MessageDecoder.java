package dev.pgportage.pgoutput;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pgoutput.Message.Former;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes messages of bytes. Stateless and thread-safe.
 *
 * <p>The first byte of each message is its type; all integers are big-endian, strings end with a
 * zero byte. Source: PostgreSQL manual, "Logical Replication Message Formats", protocol version 1.
 */
public final class MessageDecoder {
  private static final int CASCADE = 1;
  private static final int RESTART_IDENTITY = 2;

  private MessageDecoder() {}

  /**
   * Decodes one message.
   *
   * @param bytes exactly one message; its array becomes part of the result and must not be written
   *     to any more
   * @throws MigrationException PROTOCOL_VIOLATION if it is not one of protocol version 1
   */
  public static Message decode(ByteBuffer bytes) {
    if (bytes.hasArray()) {
      return decode(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return decode(copy, 0, copy.length);
  }

  /**
   * Decodes one message.
   *
   * @param bytes where it lies; becomes part of the result and must not be written to any more
   * @throws MigrationException PROTOCOL_VIOLATION if it is not one of protocol version 1
   */
  public static Message decode(byte[] bytes, int start, int length) {
    WireReader in = WireReader.ofMessage(bytes, start, length);
    Message message =
        switch (in.type()) {
          case 'B' -> begin(in);
          case 'C' -> commit(in);
          case 'O' -> new Message.Origin(in.lsn(), in.string());
          case 'R' -> relation(in);
          case 'Y' -> new Message.Type(in.unsigned32(), name(in));
          case 'I' -> insert(in);
          case 'U' -> update(in);
          case 'D' -> delete(in);
          case 'T' -> truncate(in);
          case 'M' -> logical(in);
          default -> throw in.violation("no meaning in protocol version 1");
        };
    in.requireEnd();
    return message;
  }

  /**
   * Where a transaction ends, without decoding the rest.
   *
   * @param commit a message of type {@code C}
   * @throws MigrationException PROTOCOL_VIOLATION if it is not one
   */
  public static Lsn endOfTransaction(ByteBuffer commit) {
    return ((Message.Commit) decode(commit)).endLsn();
  }

  /**
   *
   *
   * <pre>
   *  Byte1('B')  Int64 final LSN of the transaction  Int64 commit timestamp  Int32 xid
   * </pre>
   */
  private static Message begin(WireReader in) {
    return new Message.Begin(in.lsn(), in.timestamp(), in.unsigned32());
  }

  /**
   *
   *
   * <pre>
   *  Byte1('C')  Int8(0) flags  Int64 LSN of the commit  Int64 end LSN of the transaction
   *              Int64 commit timestamp
   * </pre>
   */
  private static Message commit(WireReader in) {
    if (in.int8() != 0) {
      throw in.violation("unknown flags");
    }
    return new Message.Commit(in.lsn(), in.lsn(), in.timestamp());
  }

  /**
   *
   *
   * <pre>
   *  Byte1('R')  Int32 OID  String namespace (empty: pg_catalog)  String name
   *              Int8 replica identity (pg_class.relreplident)  Int16 number of columns; for each:
   *    Int8 flags (1: part of the key)  String name  Int32 type OID  Int32 atttypmod
   * </pre>
   */
  private static Message relation(WireReader in) {
    long oid = in.unsigned32();
    QualifiedName name = name(in);
    char identity = (char) in.int8();
    if ("dnfi".indexOf(identity) < 0) {
      throw in.violation("an unknown replica identity");
    }
    int count = in.int16();
    List<Message.RelationColumn> columns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean key = (in.int8() & 1) != 0;
      columns.add(new Message.RelationColumn(key, in.string(), in.unsigned32(), in.int32()));
    }
    return new Message.Relation(oid, name, identity, columns);
  }

  /**
   *
   *
   * <pre>
   *  Byte1('I')  Int32 OID of the relation  Byte1('N')  TupleData
   * </pre>
   */
  private static Message insert(WireReader in) {
    long relation = in.unsigned32();
    requireNew(in, in.int8());
    Tuple row = Tuple.read(in);
    for (int i = 0; i < row.size(); i++) {
      if (row.isUnchanged(i)) {
        throw in.violation("an unchanged value in a new row");
      }
    }
    return new Message.Insert(relation, row);
  }

  /**
   *
   *
   * <pre>
   *  Byte1('U')  Int32 OID of the relation
   *              [ Byte1('K') TupleData (key)  |  Byte1('O') TupleData (old row) ]
   *              Byte1('N')  TupleData (new row)
   * </pre>
   */
  private static Message update(WireReader in) {
    long relation = in.unsigned32();
    byte kind = in.int8();
    if (kind == 'N') {
      return new Message.Update(relation, Former.NONE, null, Tuple.read(in));
    }
    Former former = former(in, kind);
    Tuple old = Tuple.read(in);
    requireNew(in, in.int8());
    return new Message.Update(relation, former, old, Tuple.read(in));
  }

  /**
   *
   *
   * <pre>
   *  Byte1('D')  Int32 OID of the relation
   *              Byte1('K') TupleData (key)  |  Byte1('O') TupleData (old row)
   * </pre>
   */
  private static Message delete(WireReader in) {
    long relation = in.unsigned32();
    return new Message.Delete(relation, former(in, in.int8()), Tuple.read(in));
  }

  /**
   *
   *
   * <pre>
   *  Byte1('T')  Int32 number of relations  Int8 options (1: CASCADE, 2: RESTART IDENTITY)
   *              Int32 OID for each relation
   * </pre>
   */
  private static Message truncate(WireReader in) {
    int count = in.length();
    int options = in.int8();
    List<Long> relations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      relations.add(in.unsigned32());
    }
    return new Message.Truncate(
        relations, (options & CASCADE) != 0, (options & RESTART_IDENTITY) != 0);
  }

  /**
   *
   *
   * <pre>
   *  Byte1('M')  Int8 flags (1: transactional)  Int64 LSN  String prefix  Int32 length  Byten content
   * </pre>
   */
  private static Message logical(WireReader in) {
    boolean transactional = (in.int8() & 1) != 0;
    Lsn lsn = in.lsn();
    String prefix = in.string();
    int length = in.length();
    int start = in.skip(length);
    var content = ByteBuffer.wrap(in.bytes(), start, length).slice().asReadOnlyBuffer();
    return new Message.Logical(transactional, lsn, prefix, content);
  }

  private static QualifiedName name(WireReader in) {
    String schema = in.string();
    return new QualifiedName(schema.isEmpty() ? "pg_catalog" : schema, in.string());
  }

  private static Former former(WireReader in, byte kind) {
    return switch (kind) {
      case 'K' -> Former.KEY;
      case 'O' -> Former.FULL;
      default -> throw in.violation("a tuple of unknown kind " + kind);
    };
  }

  private static void requireNew(WireReader in, byte kind) {
    if (kind != 'N') {
      throw in.violation("a tuple of unknown kind " + kind + " where a new row belongs");
    }
  }
}
