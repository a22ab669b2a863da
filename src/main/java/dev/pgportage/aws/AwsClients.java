package dev.pgportage.aws;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.pricing.PricingClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * Clients of AWS's services for one login, each made when it is first used. Throttled requests are
 * repeated with growing pauses. Owns its clients. Not thread-safe.
 */
final class AwsClients implements AutoCloseable {
  private static final int ATTEMPTS = 8;

  /** The one place the Price List API is sure to be at. */
  private static final Region PRICES = Region.US_EAST_1;

  private final AwsLogin login;
  private final Optional<ExecutionInterceptor> listener;
  private final Duration patience;
  private final SdkHttpClient http =
      UrlConnectionHttpClient.builder()
          .connectionTimeout(Duration.ofSeconds(10))
          .socketTimeout(Duration.ofSeconds(60))
          .build();
  private final Map<Class<?>, SdkClient> made = new HashMap<>();

  /**
   * Clients that nobody has asked anything yet.
   *
   * @param listener is told of every call
   * @param patience how long one call may take, with all its repetitions
   */
  AwsClients(AwsLogin login, Optional<ExecutionInterceptor> listener, Duration patience) {
    this.login = login;
    this.listener = listener;
    this.patience = patience;
  }

  AwsClients(AwsLogin login, Optional<ExecutionInterceptor> listener) {
    this(login, listener, Duration.ofMinutes(3));
  }

  /** For calls that something waits for. */
  AwsClients(AwsLogin login) {
    this(login, Optional.empty(), Duration.ofSeconds(25));
  }

  /** The region's name. */
  String region() {
    return AwsFailures.translating(
        "Finding the region",
        () ->
            login
                .region()
                .orElseGet(
                    () -> {
                      var chain = DefaultAwsRegionProviderChain.builder();
                      login.profile().ifPresent(chain::profileName);
                      return chain.build().getRegion().id();
                    }));
  }

  AwsCredentialsProvider credentials() {
    var provider = DefaultCredentialsProvider.builder();
    login.profile().ifPresent(provider::profileName);
    return provider.build();
  }

  CloudFormationClient stacks() {
    return client(CloudFormationClient.class, CloudFormationClient.builder());
  }

  CloudWatchClient metrics() {
    return client(CloudWatchClient.class, CloudWatchClient.builder());
  }

  DatabaseMigrationClient dms() {
    return client(DatabaseMigrationClient.class, DatabaseMigrationClient.builder());
  }

  EcsClient containers() {
    return client(EcsClient.class, EcsClient.builder());
  }

  Ec2Client network() {
    return client(Ec2Client.class, Ec2Client.builder());
  }

  IamClient roles() {
    return client(IamClient.class, IamClient.builder());
  }

  PricingClient prices() {
    return client(PricingClient.class, PricingClient.builder().region(PRICES));
  }

  S3Client buckets() {
    return client(S3Client.class, S3Client.builder());
  }

  SecretsManagerClient secrets() {
    return client(SecretsManagerClient.class, SecretsManagerClient.builder());
  }

  SfnClient workflows() {
    return client(SfnClient.class, SfnClient.builder());
  }

  SnsClient topics() {
    return client(SnsClient.class, SnsClient.builder());
  }

  StsClient identity() {
    return client(StsClient.class, StsClient.builder());
  }

  private <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C extends SdkClient>
      C client(Class<C> type, B builder) {
    return type.cast(made.computeIfAbsent(type, _ -> build(type, builder)));
  }

  private <B extends AwsSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C extends SdkClient>
      C build(Class<C> type, B builder) {
    var behaviour = ClientOverrideConfiguration.builder();
    behaviour.retryStrategy(retries -> retries.maxAttempts(ATTEMPTS));
    behaviour.apiCallTimeout(patience);
    listener.ifPresent(behaviour::addExecutionInterceptor);
    if (type != PricingClient.class) {
      builder.region(Region.of(region()));
    }
    return builder
        .httpClient(http)
        .credentialsProvider(credentials())
        .overrideConfiguration(behaviour.build())
        .build();
  }

  @Override
  public void close() {
    made.values().forEach(SdkClient::close);
    http.close();
  }
}
