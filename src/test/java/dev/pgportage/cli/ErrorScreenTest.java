package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorScreenTest {
  private final TestShell shell = new TestShell();

  @Test
  void showsCodeRemedyPlaceAndExitStatus() {
    print(new MigrationException(ErrorCode.SLOT_TAKEN, "Slot s on source exists"), false);
    assertThat(shell.err().lines())
        .containsExactly(
            "SLOT_TAKEN: Slot s on source exists",
            "  " + ErrorCode.SLOT_TAKEN.remedy(),
            "  docs/errors.md#slot_taken, exit status 1");
  }

  @Test
  void showsFramesButNoMessagesOfCauses() {
    var row = new IllegalStateException("row (secret)", new SQLException("Key (secret) exists"));
    print(new MigrationException(ErrorCode.APPLY_FAILED, "Applying to t", row), true);
    assertThat(shell.err())
        .contains("caused by java.lang.IllegalStateException")
        .contains("caused by java.sql.SQLException")
        .contains("at dev.pgportage.cli.ErrorScreenTest")
        .doesNotContain("secret");
  }

  @Test
  void showsWhereDefectAroseButNotItsMessage() {
    MigrationException failure = ErrorScreen.failure(new IllegalStateException("secret"));
    print(failure, false);
    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(shell.err())
        .contains("java.lang.IllegalStateException at dev.pgportage.cli.ErrorScreenTest")
        .doesNotContain("secret");
  }

  @Test
  void colorsOnlyForPeopleWhoWantIt() {
    assertThat(new TestShell(true, Map.of()).shell().style().red("x")).isNotEqualTo("x");
    assertThat(new TestShell(true, Map.of("NO_COLOR", "1")).shell().style().red("x"))
        .isEqualTo("x");
    assertThat(new TestShell(false, Map.of()).shell().style().red("x")).isEqualTo("x");
  }

  private void print(MigrationException failure, boolean debug) {
    ErrorScreen.print(shell.shell().err(), Style.plain(), failure, debug);
  }
}
