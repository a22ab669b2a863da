package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerChecksTest {
  @Test
  void recognisesTransactionPoolingByTheBackends() {
    assertThat(new ServerChecks.Backends(7, 7, 8, 7).areShared()).isFalse();
    assertThat(new ServerChecks.Backends(7, 7, 7, 9).areShared()).isTrue();
    assertThat(new ServerChecks.Backends(7, 8, 9, 10).areShared()).isTrue();
  }

  @Test
  void protectsOnlyWithVerifiedCertificatesOrOnThisMachine() {
    assertThat(ServerChecks.isProtected(endpoint("db.example", "verify-full"))).isTrue();
    assertThat(ServerChecks.isProtected(endpoint("localhost", "disable"))).isTrue();
    assertThat(ServerChecks.isProtected(endpoint("db.example", "verify-ca"))).isFalse();
    assertThat(ServerChecks.isProtected(endpoint("db.example", "require"))).isFalse();
  }

  private static Endpoint endpoint(String host, String sslMode) {
    return new Endpoint(
        Side.SOURCE,
        host,
        5432,
        "d",
        "u",
        null,
        new Endpoint.Tls(sslMode, null, null, null, false),
        Duration.ofSeconds(1));
  }
}
