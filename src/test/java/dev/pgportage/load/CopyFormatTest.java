package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.schema.Table;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyFormatTest {
  private static Table of(String type) {
    return Tables.of("t").column("a", type).build();
  }

  private static CopyFormat chosen(String type) {
    return CopyFormat.of(of(type), Map.of("a", type), 15, 15);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "integer",
        "character varying(20)",
        "timestamp(3) with time zone",
        "numeric(10,2)[]",
        "interval day to second(3)",
        "interval(2)[]",
        "\"char\"",
        "bit varying(5)",
        "daterange"
      })
  void isBinaryWhenTheTypeIsStable(String type) {
    assertThat(chosen(type)).isEqualTo(CopyFormat.BINARY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xml",
        "regclass",
        "jsonpath",
        "tsquery",
        "aclitem",
        "pg_class",
        "xml[]",
        "regtype[]"
      })
  void isTextWhenTheBinaryFormIsNotTheValueAlone(String type) {
    assertThat(chosen(type)).isEqualTo(CopyFormat.TEXT);
  }

  @Test
  void isTextWhenTheTypeIsAUsers() {
    var table = Tables.of("t").userColumn("a", "public.mood").build();
    assertThat(CopyFormat.of(table, Map.of("a", "public.mood"), 15, 15)).isEqualTo(CopyFormat.TEXT);
  }

  @Test
  void isTextWhenTheTargetsTypeDiffers() {
    assertThat(CopyFormat.of(of("integer"), Map.of("a", "bigint"), 15, 15))
        .isEqualTo(CopyFormat.TEXT);
    assertThat(CopyFormat.of(of("integer"), Map.of("a", "integer[]"), 15, 15))
        .isEqualTo(CopyFormat.TEXT);
  }

  @Test
  void isTextWhenTheTargetIsOlder() {
    assertThat(CopyFormat.of(of("interval"), Map.of("a", "interval"), 17, 16))
        .isEqualTo(CopyFormat.TEXT);
    assertThat(CopyFormat.of(of("interval"), Map.of("a", "interval"), 16, 17))
        .isEqualTo(CopyFormat.BINARY);
  }

  @Test
  void isTextWhenNoColumnIsWritten() {
    assertThat(CopyFormat.of(Tables.of("t").build(), Map.of(), 15, 15)).isEqualTo(CopyFormat.TEXT);
  }
}
