package dev.pgportage.config;

import dev.pgportage.config.PasswordVault.StoredSecret;
import dev.pgportage.config.PasswordVault.TokenLogin;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection's parameters {@code secret}, {@code auth} and {@code region}: passwords that a vault
 * keeps or makes.
 */
final class VaultLogin {
  private static final Pattern RDS_HOST =
      Pattern.compile(
          ".*\\.(?<region>[a-z]{2}(-[a-z]+)+-[0-9])\\.rds\\.amazonaws\\.com(\\.cn)?\\.?");
  private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9]");

  private final Map<String, String> parameters;
  private final PasswordVault vault;
  private final BiConsumer<String, String> error;

  VaultLogin(
      Map<String, String> parameters, PasswordVault vault, BiConsumer<String, String> error) {
    this.parameters = parameters;
    this.vault = vault;
    this.error = error;
  }

  /** Whether any of these parameters is there. */
  boolean isAskedFor() {
    return parameters.containsKey("secret")
        || parameters.containsKey("region")
        || !parameters.getOrDefault("auth", "password").equals("password");
  }

  /** The password; null, with an error, if the parameters are not right. */
  @Nullable Secret password(String host, int port, String user, Endpoint.Tls tls) {
    String auth = parameters.getOrDefault("auth", "password");
    if (!List.of("password", "iam").contains(auth)) {
      error.accept("auth has a value that is not known", "allowed: password, iam");
      return null;
    }
    return auth.equals("iam") ? token(host, port, user, tls) : stored();
  }

  private @Nullable Secret stored() {
    if (parameters.containsKey("region")) {
      error.accept("region is for auth=iam; a secret's ARN holds its own", "take it out");
      return null;
    }
    if (parameters.containsKey("password")) {
      error.accept("password and secret are both given", "keep one of them");
      return null;
    }
    Optional<StoredSecret> name = StoredSecret.parse(parameters.getOrDefault("secret", ""));
    if (name.isEmpty()) {
      error.accept("secret is no ARN of AWS Secrets Manager", StoredSecret.FORM);
      return null;
    }
    return vault.stored(name.get());
  }

  private @Nullable Secret token(String host, int port, String user, Endpoint.Tls tls) {
    if (parameters.containsKey("password") || parameters.containsKey("secret")) {
      error.accept("with auth=iam there is no password", "take password and secret out");
      return null;
    }
    if (List.of("disable", "prefer").contains(tls.mode())) {
      error.accept(
          "auth=iam sends a token that opens the database, and needs TLS",
          "sslmode=verify-full, or require where the certificate cannot be checked");
      return null;
    }
    Optional<String> region = Optional.ofNullable(parameters.get("region"));
    if (region.isPresent() && !REGION.matcher(region.get()).matches()) {
      error.accept("region is no region of AWS", "such as eu-central-1");
      return null;
    }
    Matcher named = RDS_HOST.matcher(host);
    return vault.token(
        new TokenLogin(
            host,
            port,
            user,
            region.or(
                () -> named.matches() ? Optional.of(named.group("region")) : Optional.empty())));
  }
}
