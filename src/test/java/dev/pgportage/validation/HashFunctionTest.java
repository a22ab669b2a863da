package dev.pgportage.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.validation.HashFunction.Ability;
import org.junit.jupiter.api.Test;

class HashFunctionTest {
  private static final Ability USUAL = new Ability("UTF8", true);

  @Test
  void takesMd5OfTheTextItselfWhenBothSidesAreAlike() {
    var hash = HashFunction.common(USUAL, USUAL);
    assertThat(hash.ofText("x")).isEqualTo("md5(x)");
    assertThat(hash.ofBytes("x")).isEqualTo("md5(x)");
  }

  @Test
  void takesSha256WhenOneSideRefusesMd5() {
    var hash = HashFunction.common(USUAL, new Ability("UTF8", false));
    assertThat(hash.ofText("x")).isEqualTo("encode(sha256(convert_to(x, 'UTF8')), 'hex')");
    assertThat(hash.ofBytes("x")).isEqualTo("encode(sha256(x), 'hex')");
  }

  @Test
  void hashesAsUtf8WhenTheEncodingsDiffer() {
    var hash = HashFunction.common(USUAL, new Ability("LATIN1", true));
    assertThat(hash.ofText("x")).isEqualTo("md5(convert_to(x, 'UTF8'))");
  }

  @Test
  void keepsACommonEncodingThatIsNotUtf8() {
    var fips = new Ability("SQL_ASCII", false);
    assertThat(HashFunction.common(fips, fips).ofText("x"))
        .isEqualTo("encode(sha256(convert_to(x, 'SQL_ASCII')), 'hex')");
  }
}
