package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
  @Property
  void readsWhatItPrints(@ForAll long value) {
    var lsn = new Lsn(value);
    assertThat(Lsn.parse(lsn.toString())).isEqualTo(lsn);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "junk", "1", "0/", "/0", "0/123456789", "0/0 ", "-1/0", "0/G"})
  void refusesWhatIsNoLsn(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Lsn.parse(text));
  }

  @Test
  void ordersBeyondTheSignBit() {
    assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("7FFFFFFF/FFFFFFFF"));
    assertThat(Lsn.ZERO.isBefore(Lsn.parse("80000000/0"))).isTrue();
    assertThat(Lsn.max(Lsn.parse("80000000/0"), Lsn.ZERO)).isEqualTo(Lsn.parse("80000000/0"));
  }

  @Test
  void countsBytes() {
    assertThat(Lsn.parse("1/0").bytesSince(Lsn.parse("0/FFFFFFFF"))).isEqualTo(1);
  }
}
