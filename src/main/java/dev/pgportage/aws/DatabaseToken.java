package dev.pgportage.aws;

import dev.pgportage.config.PasswordVault.TokenLogin;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/**
 * A token that RDS and Aurora take for a password: a signed request to connect, without its scheme.
 * Made here, without asking AWS, from the credentials alone.
 */
final class DatabaseToken {
  private static final Duration LIFE = Duration.ofMinutes(15);

  private DatabaseToken() {}

  static String make(TokenLogin login) {
    var surroundings = AwsLogin.ofSurroundings();
    try (var clients = new AwsClients(login.region().map(surroundings::in).orElse(surroundings))) {
      AwsCredentials credentials = (AwsCredentials) clients.credentials().resolveIdentity().join();
      return sign(login, clients.region(), credentials);
    } catch (SdkException e) {
      throw AwsFailures.failure("Making a token for " + login.user() + " on " + login.host(), e);
    }
  }

  static String sign(TokenLogin login, String region, AwsCredentials credentials) {
    SdkHttpRequest connect =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.GET)
            .protocol("https")
            .host(login.host())
            .port(login.port())
            .encodedPath("/")
            .putRawQueryParameter("DBUser", login.user())
            .putRawQueryParameter("Action", "connect")
            .build();
    var signed =
        AwsV4HttpSigner.create()
            .sign(
                request ->
                    request
                        .identity(credentials)
                        .request(connect)
                        .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "rds-db")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                        .putProperty(
                            AwsV4FamilyHttpSigner.AUTH_LOCATION,
                            AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, LIFE));
    return signed.request().getUri().toString().substring("https://".length());
  }
}
