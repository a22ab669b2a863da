package dev.pgportage.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  private static final String TRICKY =
      "CREATE FUNCTION f() AS $$\n--\n-- TOC entry 1 (class 1259 OID 1)\n\\unrestrict x\n$$;\n";

  @ParameterizedTest
  @ValueSource(ints = {14, 15, 16})
  void readsEveryFieldOfTheFormatsPgDump12To18Write(int minor) {
    List<TocEntry> entries = Archive.read(archive(minor));
    assertThat(entries)
        .containsExactly(
            new TocEntry(
                7,
                1255,
                16_400,
                "FUNCTION",
                "a b",
                "f()",
                false,
                TRICKY,
                null,
                "owner",
                "DROP",
                List.of()),
            new TocEntry(
                300,
                1259,
                16_401,
                "TABLE",
                "public",
                "new\nline é",
                true,
                "",
                "heap",
                "owner",
                "DROP",
                List.of(7, 12)));
    assertThat(entries.getLast().displayName()).isEqualTo("public.new\nline é");
  }

  @Test
  void refusesFormatsNobodyKnows() {
    assertThatThrownBy(() -> Archive.read(archive(17)))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PG_DUMP_FAILED))
        .hasMessageContaining("version 1.17");
    assertThatThrownBy(() -> Archive.read("no archive at all".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MigrationException.class);
  }

  @Test
  void refusesAnArchiveThatEndsEarly() {
    byte[] whole = archive(14);
    assertThatThrownBy(() -> Archive.read(Arrays.copyOf(whole, whole.length - 3)))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void knowsEachKindOnlyOnce() {
    for (String kind :
        Set.of("SUBSCRIPTION", "PUBLICATION", "BLOB", "FOREIGN TABLE", "EVENT TRIGGER")) {
      assertThat(Kinds.neverCarried(kind)).isPresent();
      assertThat(Kinds.stage(kind)).isEmpty();
    }
    assertThat(Kinds.stage("SOMETHING NEW")).isEmpty();
    assertThat(Kinds.neverCarried("SOMETHING NEW")).isEmpty();
  }

  private static byte[] archive(int minor) {
    var writer = new Writer(minor);
    writer.head();
    writer.number(2);
    writer.entry(7, "1255", "16400", "f()", "FUNCTION", 2, TRICKY, "a b", null);
    writer.entry(300, "1259", "16401", "new\nline é", "TABLE", 4, null, "public", "heap", 7, 12);
    return writer.out.toByteArray();
  }

  /** Writes as pg_backup_archiver.c does, with four bytes an int and eight an offset. */
  private static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int minor;

    Writer(int minor) {
      this.minor = minor;
    }

    void head() {
      out.writeBytes("PGDMP".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(new byte[] {1, (byte) minor, 0, 4, 8, 1});
      if (minor >= 15) {
        out.write(0);
      } else {
        number(-1);
      }
      for (int i = 0; i < 7; i++) {
        number(i);
      }
      text("database");
      text("15.1");
      text("15.1");
    }

    void entry(
        int dumpId,
        String classOid,
        String oid,
        String tag,
        String kind,
        int section,
        @Nullable String definition,
        String schema,
        @Nullable String accessMethod,
        int... dependencies) {
      number(dumpId);
      number(0);
      List.of(classOid, oid, tag, kind).forEach(this::text);
      number(section);
      Arrays.asList(definition, "DROP", null, schema, null, accessMethod).forEach(this::text);
      if (minor >= 16) {
        number('r');
      }
      text("owner");
      text("false");
      for (int dependency : dependencies) {
        text(Integer.toString(dependency));
      }
      text(null);
      out.writeBytes(new byte[9]);
    }

    void number(int value) {
      out.write(value < 0 ? 1 : 0);
      int absolute = Math.abs(value);
      for (int i = 0; i < 4; i++) {
        out.write(absolute >> (8 * i));
      }
    }

    private void text(@Nullable String text) {
      if (text == null) {
        number(-1);
        return;
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      number(bytes.length);
      out.writeBytes(bytes);
    }
  }
}
