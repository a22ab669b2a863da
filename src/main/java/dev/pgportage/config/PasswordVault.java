package dev.pgportage.config;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Secret;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where passwords are that nobody writes down. A port: AWS implements it, the command line wires
 * it. Nothing is asked for before a connection is opened.
 */
public interface PasswordVault {
  /** The password kept under a name. */
  Secret stored(StoredSecret name);

  /** A token that stands for a password for some minutes. */
  Secret token(TokenLogin login);

  /**
   * A secret of AWS Secrets Manager.
   *
   * @param arn its ARN
   * @param region where it is kept
   * @param key which value of a JSON object is meant; without one it is {@code password}, or the
   *     whole text if it is no JSON object
   */
  record StoredSecret(String arn, String region, Optional<String> key) {
    private static final Pattern ARN =
        Pattern.compile(
            "(?<arn>arn:aws[a-z-]*:secretsmanager:(?<region>[a-z0-9-]+):[0-9]{12}:secret:[^#\\s]+)"
                + "(#(?<key>.+))?");

    /** What users may write. */
    public static final String FORM =
        "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, and #KEY for one value of a JSON secret";

    /** The secret a text names; empty if it names none. */
    public static Optional<StoredSecret> parse(String text) {
      Matcher matcher = ARN.matcher(text);
      return matcher.matches()
          ? Optional.of(
              new StoredSecret(
                  matcher.group("arn"),
                  matcher.group("region"),
                  Optional.ofNullable(matcher.group("key"))))
          : Optional.empty();
    }
  }

  /**
   * Who logs in where by a token of AWS IAM.
   *
   * @param host the database's own name, which the token is made for
   * @param region where it is; without one the surroundings say
   */
  record TokenLogin(String host, int port, String user, Optional<String> region) {}

  /** Knows no password: for whoever has wired none. */
  static PasswordVault none() {
    return new PasswordVault() {
      @Override
      public Secret stored(StoredSecret name) {
        return unavailable();
      }

      @Override
      public Secret token(TokenLogin login) {
        return unavailable();
      }

      private Secret unavailable() {
        return Secret.from(
            new Secret.Source() {
              @Override
              public String reveal() {
                throw new MigrationException(
                    ErrorCode.SECRET_UNAVAILABLE, "No vault of passwords is at hand here");
              }

              @Override
              public boolean renew() {
                return false;
              }
            });
      }
    };
  }
}
