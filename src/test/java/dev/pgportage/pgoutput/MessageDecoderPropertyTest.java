package dev.pgportage.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MessageDecoderPropertyTest {
  private static final List<byte[]> VALID =
      List.of(
          Wire.message('B').int64(77).int64(88).int32(99).bytes(),
          Wire.message('C').int8(0).int64(77).int64(78).int64(88).bytes(),
          Wire.message('O').int64(77).string("origin").bytes(),
          Wire.message('R')
              .int32(5)
              .string("s")
              .string("t")
              .int8('f')
              .int16(1)
              .int8(1)
              .string("c")
              .int32(25)
              .int32(-1)
              .bytes(),
          Wire.message('Y').int32(5).string("s").string("t").bytes(),
          Wire.message('I').int32(5).int8('N').tuple("a", null, "bcd").bytes(),
          Wire.message('U').int32(5).int8('N').tuple("a", Wire.UNCHANGED).bytes(),
          Wire.message('U').int32(5).int8('O').tuple("a", "b").int8('N').tuple("a", "c").bytes(),
          Wire.message('D').int32(5).int8('K').tuple("a", null).bytes(),
          Wire.message('T').int32(2).int8(1).int32(5).int32(6).bytes(),
          Wire.message('M').int8(0).int64(9).string("p").int32(1).int8('x').bytes());

  @Property
  void refusesTruncatedMessage(@ForAll("valid") byte[] message, @ForAll int where) {
    byte[] cut = Arrays.copyOf(message, Math.floorMod(where, message.length));
    assertThatThrownBy(() -> MessageDecoder.decode(ByteBuffer.wrap(cut)))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION));
  }

  @Property
  void survivesGarbledMessage(
      @ForAll("valid") byte[] message, @ForAll int where, @ForAll byte value) {
    byte[] garbled = message.clone();
    garbled[Math.floorMod(where, garbled.length)] = value;
    assertDecodesOrViolates(garbled);
  }

  @Property
  void survivesAnyBytes(@ForAll byte[] bytes) {
    assertDecodesOrViolates(bytes);
  }

  private static void assertDecodesOrViolates(byte[] bytes) {
    try {
      assertThat(MessageDecoder.decode(ByteBuffer.wrap(bytes))).isNotNull();
    } catch (MigrationException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
    }
  }

  @Provide
  Arbitrary<byte[]> valid() {
    return Arbitraries.of(VALID);
  }
}
