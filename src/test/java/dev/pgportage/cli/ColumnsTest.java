package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnsTest {
  @ParameterizedTest
  @CsvSource({
    "abc,3,abc",
    "abcd,3,ab…",
    "ABC,1,…",
    "abc,0,''",
    "漢字表,6,漢字表",
    "漢字表,5,漢字…",
    "漢字表,4,漢…",
    "e\u0301e\u0301e\u0301,3,e\u0301e\u0301e\u0301",
    "😀😀,3,😀…"
  })
  void cutsWhereTheLineEndsWhateverTheLettersTake(String text, int columns, String shown) {
    assertThat(Columns.cut(text, columns)).isEqualTo(shown);
  }

  @Test
  void leavesNothingATerminalObeysWhenNamesHoldIt() {
    assertThat(Columns.cut("a\u001b[2Jb\nc\td", 20)).isEqualTo("a [2Jb c d");
  }
}
