package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReverseChecksIT {
  @Test
  void passWhereChangesCanFlowBack() throws SQLException {
    try (var source = TestDatabase.reversibleSource(Servers.version(15));
        var target = TestDatabase.reversibleTarget(Servers.version(17))) {
      source.execute("CREATE TABLE item (id int PRIMARY KEY)");
      Assessed assessed = Assessed.of(source, target).reversing();
      assertThat(assessed.by(ReverseChecks.SOURCE)).isEmpty();
      assertThat(assessed.by(ReverseChecks.TARGET)).isEmpty();
    }
  }

  @Test
  void tellWhatIsMissing() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(17)) {
      source.execute("CREATE TABLE item (id int PRIMARY KEY)");
      Assessed assessed = Assessed.of(source, target);
      assertThat(assessed.by(ReverseChecks.SOURCE)).as("no way back is wanted").isEmpty();
      List<Finding> onSource = assessed.reversing().by(ReverseChecks.SOURCE);
      assertThat(onSource)
          .singleElement()
          .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNS))
          .satisfies(finding -> assertThat(finding.what()).contains("session_replication_role"));
      assertThat(assessed.reversing().by(ReverseChecks.TARGET))
          .singleElement()
          .satisfies(finding -> assertThat(finding.what()).contains("may not replicate"));
    }
  }
}
