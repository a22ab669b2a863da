package dev.pgportage.pgoutput;

import dev.pgportage.pg.Lsn;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes messages as a server would, for tests. */
public final class Wire {
  /** Stands for an unchanged TOASTed value. */
  public static final String UNCHANGED = new String("unchanged");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Wire() {}

  public static Wire message(char type) {
    return new Wire().int8(type);
  }

  public static Message insert(long relation, @Nullable String... values) {
    return message('I').int32(relation).int8('N').tuple(values).decode();
  }

  public static Message update(long relation, @Nullable String... values) {
    return message('U').int32(relation).int8('N').tuple(values).decode();
  }

  public static Message updateWithOld(
      long relation, char kind, @Nullable String[] old, @Nullable String... values) {
    return message('U').int32(relation).int8(kind).tuple(old).int8('N').tuple(values).decode();
  }

  public static Message delete(long relation, char kind, @Nullable String... old) {
    return message('D').int32(relation).int8(kind).tuple(old).decode();
  }

  public Wire int8(int value) {
    out.write(value);
    return this;
  }

  public Wire int16(int value) {
    return int8(value >> 8).int8(value);
  }

  public Wire int32(long value) {
    return int16((int) (value >> 16)).int16((int) value);
  }

  public Wire int64(long value) {
    return int32(value >> 32).int32(value);
  }

  public Wire lsn(String lsn) {
    return int64(Lsn.parse(lsn).value());
  }

  public Wire string(String value) {
    out.writeBytes(value.getBytes(StandardCharsets.UTF_8));
    return int8(0);
  }

  public Wire tuple(@Nullable String... values) {
    int16(values.length);
    for (String value : values) {
      column(value);
    }
    return this;
  }

  @SuppressWarnings("ReferenceEquality") // the marker is one object, equal text is a value
  private void column(@Nullable String value) {
    if (value == null) {
      int8('n');
    } else if (value == UNCHANGED) {
      int8('u');
    } else {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      int8('t').int32(bytes.length);
      out.writeBytes(bytes);
    }
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  public Message decode() {
    return MessageDecoder.decode(ByteBuffer.wrap(bytes()));
  }
}
