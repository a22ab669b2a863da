package dev.pgportage.pg;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.SecretKeyFactorySpi;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A security provider that has a password's SCRAM key derived once, not for each of a migration's
 * sessions.
 *
 * <p>A role's salt and number of iterations stay the same from login to login, so its salted
 * password does, too; its 4,096 iterations take 8 ms of a core (docs/adr/0024). Derives nothing
 * itself: that is left to the platform's own provider. Keys stay in memory, where the passwords are
 * anyway. Thread-safe. Source: RFC 5802, section 3; RFC 7677.
 */
final class DerivedKeys extends Provider {
  private static final long serialVersionUID = 1;
  private static final String ALGORITHM = "PBKDF2WithHmacSHA256";
  private static final String SERVICE = "SecretKeyFactory";

  private DerivedKeys(SecretKeyFactory platform) {
    super("pgportage", "1", "Remembers the keys derived from passwords");
    var remembering = new Remembering(platform);
    putService(
        new Service(this, SERVICE, ALGORITHM, Remembering.class.getName(), null, null) {
          @Override
          public Object newInstance(Object parameter) {
            return remembering;
          }
        });
  }

  /** Lets this process derive keys through it; without effect where the platform has no such. */
  static synchronized void install() {
    Provider[] able = Security.getProviders(SERVICE + "." + ALGORITHM);
    if (able != null && !(able[0] instanceof DerivedKeys)) {
      try {
        var platform = SecretKeyFactory.getInstance(ALGORITHM, able[0]);
        Security.insertProviderAt(new DerivedKeys(platform), 1);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("a provider has what it says", e);
      }
    }
  }

  /** Derives through another factory what it has not derived yet. */
  static final class Remembering extends SecretKeyFactorySpi {
    /** More than a fleet's roles; a password that changes all the time must not fill memory. */
    private static final int MOST = 1000;

    private final SecretKeyFactory platform;
    private final Map<Asked, byte[]> known = new ConcurrentHashMap<>();

    /** All that a key depends on. */
    private record Asked(String password, ByteBuffer salt, int iterations, int bits) {}

    Remembering(SecretKeyFactory platform) {
      this.platform = platform;
    }

    @Override
    protected SecretKey engineGenerateSecret(KeySpec spec) throws InvalidKeySpecException {
      if (!(spec instanceof PBEKeySpec wanted) || wanted.getSalt() == null) {
        return platform.generateSecret(spec);
      }
      var asked =
          new Asked(
              new String(wanted.getPassword()),
              ByteBuffer.wrap(wanted.getSalt()),
              wanted.getIterationCount(),
              wanted.getKeyLength());
      byte[] key = known.get(asked);
      if (key == null) {
        key = platform.generateSecret(spec).getEncoded();
        if (known.size() >= MOST) {
          known.clear();
        }
        known.put(asked, key);
      }
      return new SecretKeySpec(key, ALGORITHM);
    }

    /** How many keys it remembers. */
    int size() {
      return known.size();
    }

    @Override
    protected KeySpec engineGetKeySpec(SecretKey key, Class<?> form)
        throws InvalidKeySpecException {
      return platform.getKeySpec(key, form);
    }

    @Override
    protected SecretKey engineTranslateKey(SecretKey key) throws InvalidKeyException {
      return platform.translateKey(key);
    }
  }
}
