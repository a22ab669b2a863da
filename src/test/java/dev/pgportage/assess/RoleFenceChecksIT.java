package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@ValueSource(ints = {15, 17})
class RoleFenceChecksIT {
  private final int version;
  private final TestRole role;
  private final TestRole till;
  private final TestDatabase source;
  private final TestDatabase target;

  RoleFenceChecksIT(int version) throws SQLException {
    this.version = version;
    role = TestRole.login(Servers.version(version));
    till = TestRole.login(Servers.version(version));
    source = TestDatabase.source(version).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(16);
  }

  @BeforeEach
  void givePrivileges() throws SQLException {
    source.executeAsSuperuser("ALTER ROLE " + role.sql() + " CREATEROLE");
    if (version >= 16) {
      source.executeAsSuperuser("GRANT " + till.sql() + " TO " + role.sql() + " WITH ADMIN OPTION");
    }
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
    till.close();
    role.close();
  }

  private Assessed assessed() {
    return Assessed.of(source, target).roles(till.name()).source(Assessed.as(role.name()));
  }

  @Test
  void requiresTheRightToLockEachRoleOut() throws SQLException {
    assertThat(assessed().by(RoleFenceChecks.ROLES)).isEmpty();
    source.executeAsSuperuser("ALTER ROLE " + role.sql() + " NOCREATEROLE");
    if (version >= 16) {
      source.executeAsSuperuser("REVOKE " + till.sql() + " FROM " + role.sql());
    }
    List<Finding> findings = assessed().by(RoleFenceChecks.ROLES);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().severity()).isEqualTo(Severity.BLOCKS);
    assertThat(findings.getFirst().objects()).containsExactly(till.name());
    for (String statement : findings.getFirst().fix().lines().toList()) {
      source.executeAsSuperuser(statement);
    }
    assertThat(assessed().by(RoleFenceChecks.ROLES)).isEmpty();
  }

  @Test
  void refusesRolesThatCannotBeMeant() throws SQLException {
    List<Finding> findings =
        assessed().roles(till.name(), role.name(), "nobody").by(RoleFenceChecks.ROLES);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().objects()).containsExactly(role.name(), "nobody");
  }

  @Test
  void tellsWhoWorksInOtherDatabases() throws SQLException {
    assertThat(assessed().by(RoleFenceChecks.ELSEWHERE)).isEmpty();
    try (var elsewhere = source.server().connect(till.name(), TestDatabase.PASSWORD, "postgres")) {
      assertThat(elsewhere.isValid(1)).isTrue();
      assertThat(assessed().by(RoleFenceChecks.ELSEWHERE))
          .singleElement()
          .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNS))
          .satisfies(finding -> assertThat(finding.what()).contains(till.sql() + " in postgres"));
    }
  }

  @Test
  void refusesASourceAndATargetOfOneServer() throws SQLException {
    assertThat(assessed().by(RoleFenceChecks.SAME_SERVER)).isEmpty();
    try (var neighbour = TestDatabase.target(version)) {
      assertThat(Assessed.of(source, neighbour).roles(till.name()).by(RoleFenceChecks.SAME_SERVER))
          .hasSize(1);
    }
  }
}
