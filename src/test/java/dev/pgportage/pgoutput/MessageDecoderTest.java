package dev.pgportage.pgoutput;

import static dev.pgportage.pgoutput.Wire.UNCHANGED;
import static dev.pgportage.pgoutput.Wire.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pgoutput.Message.Former;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {
  @Test
  void readsWhatAServerSent() {
    assertThat(decode("420000000001526e28000303e7f56343fe000002d6"))
        .isEqualTo(
            new Message.Begin(
                Lsn.parse("0/1526E28"), Instant.parse("2026-11-23T03:28:39.384062Z"), 726));
    assertThat(
            decode(
                "52000040007075626c6963006974656d006400030169640000000017ffffffff006e616d6500"
                    + "000004130000000e006e6f74650000000019ffffffff"))
        .isEqualTo(
            new Message.Relation(
                16384,
                new QualifiedName("public", "item"),
                'd',
                List.of(
                    new Message.RelationColumn(true, "id", 23, -1),
                    new Message.RelationColumn(false, "name", 1043, 14),
                    new Message.RelationColumn(false, "note", 25, -1))));
    var update =
        (Message.Update)
            decode("55000040004b00037400000001316e6e4e000374000000013274000000075ac3bc726963686e");
    assertThat(update.former()).isEqualTo(Former.KEY);
    assertThat(update.row().text(1)).isEqualTo("Zürich");
    assertThat(decode("54000000010000004000"))
        .isEqualTo(new Message.Truncate(List.of(16384L), false, false));
    assertThat(decode("4d010000000001527cc87067706f7274616765000000000178"))
        .isInstanceOf(Message.Logical.class);
  }

  @Test
  void readsTransactionBounds() {
    assertThat(message('B').lsn("1/FF").int64(0).int32(0xFFFFFFFFL).decode())
        .isEqualTo(
            new Message.Begin(
                Lsn.parse("1/FF"), Instant.parse("2000-01-01T00:00:00Z"), 4294967295L));
    assertThat(message('C').int8(0).lsn("1/FF").lsn("1/130").int64(-1).decode())
        .isEqualTo(
            new Message.Commit(
                Lsn.parse("1/FF"),
                Lsn.parse("1/130"),
                Instant.parse("1999-12-31T23:59:59.999999Z")));
    assertThat(message('O').lsn("A/B").string("elsewhere").decode())
        .isEqualTo(new Message.Origin(Lsn.parse("A/B"), "elsewhere"));
  }

  @Test
  void readsRelationWithOddNames() {
    Message relation =
        message('R')
            .int32(4_000_000_000L)
            .string("Sché\"ma")
            .string("Weird \"Table\"")
            .int8('d')
            .int16(2)
            .int8(1)
            .string("id")
            .int32(20)
            .int32(-1)
            .int8(0)
            .string("näme")
            .int32(1043)
            .int32(14)
            .decode();
    assertThat(relation)
        .isEqualTo(
            new Message.Relation(
                4_000_000_000L,
                new QualifiedName("Sché\"ma", "Weird \"Table\""),
                'd',
                List.of(
                    new Message.RelationColumn(true, "id", 20, -1),
                    new Message.RelationColumn(false, "näme", 1043, 14))));
  }

  @Test
  void takesEmptyNamespaceForPgCatalog() {
    assertThat(message('Y').int32(16400).string("").string("mood").decode())
        .isEqualTo(new Message.Type(16400, new QualifiedName("pg_catalog", "mood")));
  }

  @Test
  void tellsNullEmptyAndUnchangedApart() {
    var update = (Message.Update) Wire.update(7, null, "", UNCHANGED, "ünï");
    Tuple row = update.row();
    assertThat(update.former()).isEqualTo(Former.NONE);
    assertThat(update.old()).isNull();
    assertThat(row.size()).isEqualTo(4);
    assertThat(row.isNull(0)).isTrue();
    assertThat(row.text(1)).isEmpty();
    assertThat(row.isNull(1) || row.isUnchanged(1)).isFalse();
    assertThat(row.isUnchanged(2)).isTrue();
    assertThat(row.length(3)).isEqualTo(5);
    assertThat(new String(row.bytes(), row.start(3), 5, StandardCharsets.UTF_8)).isEqualTo("ünï");
    assertThatThrownBy(() -> row.text(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void readsFormerVersions() {
    var byKey =
        (Message.Update) Wire.updateWithOld(7, 'K', new String[] {"1", null}, "2", UNCHANGED);
    assertThat(byKey.former()).isEqualTo(Former.KEY);
    assertThat(byKey.old()).isNotNull();
    assertThat(byKey.row().text(0)).isEqualTo("2");
    var full = (Message.Delete) Wire.delete(7, 'O', "1", "x");
    assertThat(full.former()).isEqualTo(Former.FULL);
    assertThat(full.old().text(1)).isEqualTo("x");
  }

  @Test
  void readsTruncate() {
    assertThat(message('T').int32(2).int8(3).int32(5).int32(6).decode())
        .isEqualTo(new Message.Truncate(List.of(5L, 6L), true, true));
    assertThat(message('T').int32(1).int8(0).int32(5).decode())
        .isEqualTo(new Message.Truncate(List.of(5L), false, false));
  }

  @Test
  void readsLogicalMessage() {
    var logical =
        (Message.Logical)
            message('M')
                .int8(1)
                .lsn("0/7")
                .string("pgportage")
                .int32(2)
                .int8('h')
                .int8('i')
                .decode();
    assertThat(logical.transactional()).isTrue();
    assertThat(logical.prefix()).isEqualTo("pgportage");
    assertThat(StandardCharsets.UTF_8.decode(logical.content().duplicate()).toString())
        .isEqualTo("hi");
    assertThat(logical.content().isReadOnly()).isTrue();
  }

  @Test
  void readsMessageInTheMiddleOfAnArray() {
    byte[] bytes = message('X').int32(0).int8('I').int32(9).int8('N').tuple("a").bytes();
    Message insert = MessageDecoder.decode(ByteBuffer.wrap(bytes, 5, bytes.length - 5).slice());
    assertThat(((Message.Insert) insert).row().text(0)).isEqualTo("a");
    var direct = ByteBuffer.allocateDirect(bytes.length - 5).put(bytes, 5, bytes.length - 5).flip();
    assertThat(((Message.Insert) MessageDecoder.decode(direct)).row().text(0)).isEqualTo("a");
  }

  @Test
  void refusesWhatItCannotRead() {
    assertViolates(() -> MessageDecoder.decode(ByteBuffer.allocate(0)), "empty");
    assertViolates(() -> message('S').int32(1).decode(), "no meaning");
    assertViolates(() -> message('I').int32(1).int8('N').int16(1).int8('b').decode(), "kind 98");
    assertViolates(
        () -> message('I').int32(1).int8('N').int16(1).int8('t').int32(9).decode(), "length of 9");
    assertViolates(() -> message('I').int32(1).int8('N').int16(-1).decode(), "negative count");
    assertViolates(() -> message('I').int32(1).int8('N').tuple("a").int8(0).decode(), "too many");
    assertViolates(() -> Wire.insert(1, UNCHANGED), "unchanged");
    assertViolates(() -> message('O').int64(1).int8('a').decode(), "only 0 of 1 bytes");
    assertViolates(() -> message('O').int64(1).int8(0xFF).int8(0).decode(), "UTF-8");
    assertViolates(() -> message('T').int32(Integer.MAX_VALUE).decode(), "length");
  }

  private static Message decode(String hex) {
    return MessageDecoder.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  private static void assertViolates(ThrowingCallable call, String saying) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION))
        .hasMessageContaining(saying);
  }
}
