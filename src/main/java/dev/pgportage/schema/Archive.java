package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table of contents of an archive in pg_dump's custom format, read from its bytes.
 *
 * <p>It is what {@code pg_restore --list} prints from, but whole: names with spaces and line ends,
 * each object's SQL, its OID on the source and what it depends on; nothing has to be guessed from
 * text. Layout (pg_backup_archiver.c, ReadHead and ReadToc): {@code "PGDMP"}, three version bytes,
 * bytes per int, bytes per offset, format; compression; seven ints of time; three strings; number
 * of entries; entries. An int is a sign byte and its bytes, lowest first; a string its length
 * (negative for null) and its bytes.
 */
final class Archive {
  private static final int OLDEST = 10;
  private static final int COMPRESSION_BYTE = 15;
  private static final int RELATION_KIND = 16;
  private static final int TABLE_ACCESS_METHOD = 14;
  private static final int NEWEST = 16;
  private static final int CUSTOM = 1;
  private static final int SECTION_POST_DATA = 4;

  private final ByteBuffer bytes;
  private int minor;
  private int intSize;
  private int offsetSize;

  private Archive(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The archive's entries in their order.
   *
   * @throws MigrationException PG_DUMP_FAILED if it is no archive of a known version
   */
  static List<TocEntry> read(byte[] archive) {
    try {
      return new Archive(archive).entries();
    } catch (RuntimeException | CharacterCodingException e) {
      if (e instanceof MigrationException known) {
        throw known;
      }
      throw new MigrationException(
          ErrorCode.PG_DUMP_FAILED, "The archive that pg_dump wrote cannot be read", e);
    }
  }

  private List<TocEntry> entries() throws CharacterCodingException {
    head();
    int count = number();
    var entries = new ArrayList<TocEntry>(count);
    for (int i = 0; i < count; i++) {
      entries.add(entry());
    }
    return entries;
  }

  private void head() throws CharacterCodingException {
    var magic = new byte[5];
    bytes.get(magic);
    int major = bytes.get();
    minor = bytes.get();
    bytes.get();
    if (!new String(magic, StandardCharsets.US_ASCII).equals("PGDMP")
        || major != 1
        || minor < OLDEST
        || minor > NEWEST) {
      throw new MigrationException(
          ErrorCode.PG_DUMP_FAILED,
          "pg_dump wrote an archive of version " + major + "." + minor + ", which is not known",
          "Set PGPORTAGE_PG_BIN to the programs of PostgreSQL 12 to 18.",
          null);
    }
    intSize = bytes.get();
    offsetSize = bytes.get();
    if (bytes.get() != CUSTOM) {
      throw new MigrationException(
          ErrorCode.PG_DUMP_FAILED, "pg_dump wrote no archive in custom format");
    }
    if (minor >= COMPRESSION_BYTE) {
      bytes.get();
    } else {
      number();
    }
    for (int i = 0; i < 7; i++) {
      number();
    }
    text();
    text();
    text();
  }

  private TocEntry entry() throws CharacterCodingException {
    int dumpId = number();
    number();
    long classOid = oid();
    long oid = oid();
    String tag = required(text());
    String kind = required(text());
    int section = minor > OLDEST ? number() : 0;
    String definition = Optional.ofNullable(text()).orElse("");
    String dropping = text();
    text();
    String schema = text();
    text();
    String accessMethod = minor >= TABLE_ACCESS_METHOD ? text() : null;
    if (minor >= RELATION_KIND) {
      number();
    }
    String owner = text();
    text();
    var dependencies = new ArrayList<Integer>();
    for (String id = text(); id != null; id = text()) {
      dependencies.add(Integer.valueOf(id.strip()));
    }
    bytes.position(bytes.position() + 1 + offsetSize);
    return new TocEntry(
        dumpId,
        classOid,
        oid,
        kind,
        schema,
        tag,
        section == SECTION_POST_DATA,
        definition,
        accessMethod,
        owner,
        dropping,
        dependencies);
  }

  private long oid() throws CharacterCodingException {
    return Long.parseLong(required(text()).strip());
  }

  private static String required(@Nullable String text) {
    if (text == null) {
      throw new IllegalStateException("A name is missing in the archive");
    }
    return text;
  }

  private int number() {
    boolean negative = bytes.get() != 0;
    long value = 0;
    for (int i = 0; i < intSize; i++) {
      value |= (bytes.get() & 0xFFL) << (8 * i);
    }
    return Math.toIntExact(negative ? -value : value);
  }

  private @Nullable String text() throws CharacterCodingException {
    int length = number();
    if (length < 0) {
      return null;
    }
    ByteBuffer part = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return StandardCharsets.UTF_8.newDecoder().decode(part).toString();
  }
}
