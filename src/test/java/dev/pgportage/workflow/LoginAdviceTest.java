package dev.pgportage.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoginAdviceTest {
  private static final Endpoint HERE = endpoint(Side.SOURCE, "db.example.org");
  private static final Endpoint THERE = endpoint(Side.TARGET, "abc.horizon.psdb.cloud");

  @Test
  void tellsWhatThatProvidersUserNamesLookLike() {
    assertThat(remedy(ErrorCode.AUTHENTICATION_FAILED, THERE)).contains("role.branch");
  }

  @Test
  void leavesOtherFailuresAlone() {
    assertThat(remedy(ErrorCode.AUTHENTICATION_FAILED, HERE))
        .isEqualTo(ErrorCode.AUTHENTICATION_FAILED.remedy());
    assertThat(remedy(ErrorCode.CONNECTION_REFUSED, THERE))
        .isEqualTo(ErrorCode.CONNECTION_REFUSED.remedy());
  }

  private static String remedy(ErrorCode code, Endpoint endpoint) {
    var failure = new MigrationException(code, "Cannot connect to the target " + endpoint + ": no");
    return LoginAdvice.of(List.of(HERE, THERE), failure).remedy();
  }

  private static Endpoint endpoint(Side side, String host) {
    return new Endpoint(
        side, host, 5432, "d", "postgres", null, Endpoint.Tls.disabled(), Duration.ofSeconds(1));
  }
}
