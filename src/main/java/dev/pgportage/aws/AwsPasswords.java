package dev.pgportage.aws;

import dev.pgportage.config.PasswordVault;
import dev.pgportage.pg.Secret;

/**
 * Passwords kept by AWS Secrets Manager, and tokens of IAM for databases of RDS and Aurora.
 *
 * <p>A stored password is kept for some minutes, and asked for again when a server refuses it, as
 * it does after a rotation. A token is made for each session, since it opens only for a quarter of
 * an hour. Thread-safe. Made at every start: nothing of the SDK may be needed to load this class.
 */
public final class AwsPasswords implements PasswordVault {
  @Override
  public Secret stored(StoredSecret name) {
    return Secret.from(new StoredPassword(name));
  }

  @Override
  public Secret token(TokenLogin login) {
    return Secret.from(new Token(login));
  }

  private record Token(TokenLogin login) implements Secret.Source {
    @Override
    public String reveal() {
      return DatabaseToken.make(login);
    }

    @Override
    public boolean renew() {
      return false;
    }

    @Override
    public boolean lasts() {
      return false;
    }
  }
}
