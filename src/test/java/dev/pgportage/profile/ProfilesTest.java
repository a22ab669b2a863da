package dev.pgportage.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesTest {
  @ParameterizedTest
  @CsvSource({
    "shop.cluster-ro-c1a2.eu-west-1.rds.amazonaws.com, 5432, reader endpoint",
    "shop.cluster-custom-c1a2.eu-west-1.rds.amazonaws.com, 5432, custom endpoint",
    "shop.proxy-c1a2.eu-west-1.rds.amazonaws.com, 5432, RDS Proxy",
    "SHOP.proxy-read-only-c1a2.eu-west-1.rds.amazonaws.com.cn, 5432, RDS Proxy",
    "abc.horizon.psdb.cloud, 6432, PgBouncer",
    "db.example.org, 6432, pooler"
  })
  void refuseEndpointsThatLeadElsewhere(String host, int port, String what) {
    assertThat(Profiles.refusal(endpoint(host, port)))
        .hasValueSatisfying(refusal -> assertThat(refusal.what()).contains(what));
  }

  @ParameterizedTest
  @CsvSource({
    "shop.cluster-c1a2.eu-west-1.rds.amazonaws.com, 5432",
    "shop-1.c1a2.eu-west-1.rds.amazonaws.com, 5432",
    "abc.horizon.psdb.cloud, 5432",
    "proxy-1.example.org, 5432"
  })
  void leaveOthersAlone(String host, int port) {
    assertThat(Profiles.refusal(endpoint(host, port))).isEmpty();
  }

  @Test
  void sayWhatToDoInTheProvidersWords() {
    Profile aurora = Profiles.all().get(1);
    assertThat(aurora.restartFix("wal_level", "'logical'"))
        .hasValueSatisfying(fix -> assertThat(fix).contains("rds.logical_replication = 1"));
    assertThat(aurora.restartFix("max_wal_senders", "4"))
        .hasValueSatisfying(fix -> assertThat(fix).contains("max_wal_senders = 4 or more"));
    assertThat(Profiles.all().getLast().restartFix("wal_level", "'logical'")).isEmpty();
  }

  @Test
  void ownOnlyNamesNoUserWouldChoose() {
    assertThat(Profiles.ownerOfSchema("aws_commons")).isPresent();
    assertThat(Profiles.ownerOfSchema("aws_orders")).isEmpty();
    assertThat(Profiles.ownerOfExtension("aws_s3")).map(Profile::name).contains("aurora");
    assertThat(Profiles.ownerOfExtension("pg_trgm")).isEmpty();
  }

  @Test
  void haveOnlyPatternsThatCompile() {
    for (Profile profile : Profiles.all()) {
      profile.recognise().hosts().forEach(Pattern::compile);
      profile.calls().forEach(Pattern::compile);
      profile.own().roles().forEach(Pattern::compile);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "abc.horizon.psdb.cloud, postgres, true",
    "ABC.pg.psdb.cloud, cdc_user, true",
    "abc.horizon.psdb.cloud, postgres.k2j4h5, false",
    "abc.horizon.psdb.cloud, postgres.k2j4h5|replica, false",
    "db.example.org, postgres, false"
  })
  void knowWhatUserNamesLookLike(String host, String user, boolean wrong) {
    assertThat(Profiles.loginAdvice(endpoint(host, 5432, user)).isPresent()).isEqualTo(wrong);
  }

  private static Endpoint endpoint(String host, int port) {
    return endpoint(host, port, "u");
  }

  private static Endpoint endpoint(String host, int port, String user) {
    return new Endpoint(
        Side.TARGET, host, port, "db", user, null, Endpoint.Tls.disabled(), Duration.ofSeconds(1));
  }
}
