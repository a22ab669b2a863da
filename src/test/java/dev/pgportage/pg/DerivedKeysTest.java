package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.DerivedKeys.Remembering;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;

/** Keys derived through this process's providers are what the standard says they are. */
class DerivedKeysTest {
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

  @Test
  void isAskedByWhoeverDerivesKeysInThisProcess() throws Exception {
    DerivedKeys.install();
    DerivedKeys.install();
    var factory = SecretKeyFactory.getInstance(ALGORITHM);
    assertThat(factory.getProvider()).isInstanceOf(DerivedKeys.class);
    // RFC 7914, section 11
    byte[] key = factory.generateSecret(spec("passwd", "salt", 1, 512)).getEncoded();
    assertThat(HexFormat.of().formatHex(key))
        .isEqualTo(
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  }

  @Test
  void derivesOnceForWhatIsTheSame() throws Exception {
    var remembering = new Remembering(platform());
    byte[] first = derived(remembering, spec("secret", "one salt", 4096, 256));
    byte[] kept = first.clone();
    first[0]++;
    assertThat(derived(remembering, spec("secret", "one salt", 4096, 256))).isEqualTo(kept);
    assertThat(remembering.size()).isEqualTo(1);
  }

  @Test
  void takesNothingForTheSameThatIsNot() throws Exception {
    var remembering = new Remembering(platform());
    for (var spec :
        new PBEKeySpec[] {
          spec("secret", "salt", 10, 256),
          spec("Secret", "salt", 10, 256),
          spec("secret", "Salt", 10, 256),
          spec("secret", "salt", 11, 256),
          spec("secret", "salt", 10, 128)
        }) {
      assertThat(derived(remembering, spec))
          .isEqualTo(platform().generateSecret(spec).getEncoded());
    }
    assertThat(remembering.size()).isEqualTo(5);
  }

  @Test
  void staysSmallWhenPasswordsChangeAllTheTime() throws Exception {
    var remembering = new Remembering(platform());
    for (int i = 0; i < 2500; i++) {
      derived(remembering, spec("token " + i, "salt", 1, 256));
    }
    assertThat(remembering.size()).isBetween(1, 1000);
  }

  private static byte[] derived(Remembering factory, PBEKeySpec spec)
      throws GeneralSecurityException {
    return factory.engineGenerateSecret(spec).getEncoded();
  }

  private static SecretKeyFactory platform() throws GeneralSecurityException {
    return SecretKeyFactory.getInstance(ALGORITHM, "SunJCE");
  }

  private static PBEKeySpec spec(String password, String salt, int iterations, int bits) {
    return new PBEKeySpec(
        password.toCharArray(), salt.getBytes(StandardCharsets.UTF_8), iterations, bits);
  }
}
