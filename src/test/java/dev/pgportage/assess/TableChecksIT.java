package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableChecksIT {
  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    source = TestDatabase.source(15).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(15);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
  }

  @Test
  void warnsOfTablesWithoutReplicaIdentityAndFixesThem() throws SQLException {
    assertPasses(TableChecks.REPLICA_IDENTITY);
    source.execute(
        """
        CREATE TABLE "Key less" (a int);
        CREATE TABLE uniq (a int NOT NULL CONSTRAINT "Uniq key" UNIQUE);
        CREATE TABLE nothing (a int PRIMARY KEY);
        ALTER TABLE nothing REPLICA IDENTITY NOTHING
        """);
    List<Finding> findings = by(TableChecks.REPLICA_IDENTITY);
    assertThat(findings).extracting(Finding::severity).containsOnly(Severity.WARNS);
    assertThat(findings)
        .extracting(Finding::fix)
        .containsExactly(
            "ALTER TABLE \"public\".\"Key less\" REPLICA IDENTITY FULL; -- or add a primary key",
            "ALTER TABLE \"public\".\"nothing\" REPLICA IDENTITY DEFAULT;",
            "ALTER TABLE \"public\".\"uniq\" REPLICA IDENTITY USING INDEX \"Uniq key\";");
    assertThat(findings.getFirst().what())
        .isEqualTo(
            "Table public.\"Key less\" (0 bytes) has no replica identity; it is copied again during"
                + " the freeze");
    fix(findings);
    assertPasses(TableChecks.REPLICA_IDENTITY);
  }

  @Test
  void saysThatItIsTheKeyThatIsDeferrable() throws SQLException {
    assertPasses(TableChecks.DEFERRABLE_KEY);
    source.execute("CREATE TABLE late (a int PRIMARY KEY DEFERRABLE)");
    assertPasses(TableChecks.REPLICA_IDENTITY);
    List<Finding> findings = by(TableChecks.DEFERRABLE_KEY);
    assertThat(findings).extracting(Finding::objects).containsExactly(List.of("public.late"));
    fix(findings);
    assertPasses(TableChecks.DEFERRABLE_KEY);
  }

  @Test
  void warnsOfUnloggedTables() throws SQLException {
    assertPasses(TableChecks.UNLOGGED);
    source.execute("CREATE UNLOGGED TABLE fast (a int PRIMARY KEY)");
    List<Finding> findings = by(TableChecks.UNLOGGED);
    assertThat(findings).extracting(Finding::objects).containsExactly(List.of("public.fast"));
    fix(findings);
    assertPasses(TableChecks.UNLOGGED);
  }

  @Test
  void blocksWhenTooMuchWouldBeCopiedDuringTheFreeze() throws SQLException {
    source.execute(
        """
        CREATE UNLOGGED TABLE fast AS SELECT generate_series(1, 1000) a;
        CREATE TABLE keyless AS SELECT generate_series(1, 1000) a
        """);
    Assessed assessed = Assessed.of(source, target);
    assertThat(assessed.by(TableChecks.RECOPY_LIMIT)).isEmpty();
    List<Finding> findings = assessed.recopyLimit(50_000).by(TableChecks.RECOPY_LIMIT);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
    assertThat(findings.getFirst().objects()).containsExactly("public.fast", "public.keyless");
    assertThat(
            assessed
                .recopyLimit(50_000)
                .type(MigrationConfig.Type.FULL_LOAD)
                .by(TableChecks.RECOPY_LIMIT))
        .isEmpty();
  }

  @Test
  void countsLargeObjectsAmongWhatIsCopiedAgain() throws SQLException {
    source.execute("SELECT lo_from_bytea(0, convert_to(repeat('x', 100000), 'UTF8'))");
    assertThat(Assessed.of(source, target).recopyLimit(1000).by(TableChecks.RECOPY_LIMIT))
        .extracting(Finding::objects)
        .containsExactly(List.of("pg_largeobject"));
  }

  @Test
  void tellsOfWhatNeedsNoDecision() throws SQLException {
    assertPasses(TableChecks.IDENTITY_FULL);
    assertPasses(TableChecks.GENERATED);
    assertPasses(TableChecks.INHERITANCE);
    assertPasses(TableChecks.OID_COLUMNS);
    source.execute(
        """
        ALTER TABLE item REPLICA IDENTITY FULL;
        CREATE TABLE sum (a int PRIMARY KEY, b int GENERATED ALWAYS AS (a + 1) STORED);
        CREATE TABLE child (PRIMARY KEY (a)) INHERITS (sum);
        CREATE TABLE parts (a int) PARTITION BY LIST (a);
        CREATE TABLE part PARTITION OF parts DEFAULT;
        CREATE TABLE refs (a int PRIMARY KEY, "To" oid, kinds regclass[], at xid8)
        """);
    assertInforms(TableChecks.IDENTITY_FULL, "public.item");
    assertInforms(TableChecks.GENERATED, "public.child", "public.sum");
    assertInforms(TableChecks.INHERITANCE, "public.child");
    assertInforms(
        TableChecks.OID_COLUMNS,
        "public.refs.\"To\" (oid)",
        "public.refs.kinds (regclass[])",
        "public.refs.at (xid8)");
  }

  @Test
  void tellsHowManyLargeObjectsThereAre() throws SQLException {
    assertPasses(ReadingChecks.LARGE_OBJECTS);
    source.execute("SELECT lo_create(0), lo_create(0)");
    List<Finding> findings = by(ReadingChecks.LARGE_OBJECTS);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
    assertThat(findings.getFirst().what()).startsWith("2 large objects, about ");
  }

  @Test
  void refusesLargeObjectsTheRoleMayNotRead() throws SQLException {
    source.executeAsSuperuser("SELECT lo_create(0), lo_create(0)");
    List<Finding> findings = by(ReadingChecks.LARGE_OBJECTS);
    assertThat(findings)
        .extracting(Finding::severity)
        .containsExactly(Severity.BLOCKS, Severity.WARNS);
    assertThat(findings.getFirst().what())
        .isEqualTo("The role \"migrator\" may not read 2 of them");
    assertThat(findings.getFirst().code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING);
    source.executeAsSuperuser(findings.getFirst().fix());
    assertThat(by(ReadingChecks.LARGE_OBJECTS))
        .extracting(Finding::severity)
        .containsExactly(Severity.WARNS);
  }

  @Test
  void refusesTablesWhoseRowsAreHidden() throws SQLException {
    source.execute(
        "CREATE TABLE \"Se cret\" (id int PRIMARY KEY);"
            + "ALTER TABLE \"Se cret\" ENABLE ROW LEVEL SECURITY");
    assertPasses(ReadingChecks.ROW_SECURITY);
    source.execute("ALTER TABLE \"Se cret\" FORCE ROW LEVEL SECURITY");
    List<Finding> findings = by(ReadingChecks.ROW_SECURITY);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().code()).isEqualTo(ErrorCode.TABLE_HIDDEN_BY_RLS);
    assertThat(findings.getFirst().objects()).containsExactly("public.\"Se cret\"");
    assertThat(findings.getFirst().fix())
        .isEqualTo(
            "ALTER TABLE \"public\".\"Se cret\" NO FORCE ROW LEVEL SECURITY;"
                + " -- or: ALTER ROLE \"migrator\" BYPASSRLS");
    source.execute("ALTER TABLE \"Se cret\" NO FORCE ROW LEVEL SECURITY");
    assertPasses(ReadingChecks.ROW_SECURITY);
  }

  private void assertInforms(Check check, String... objects) throws SQLException {
    List<Finding> findings = by(check);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.INFORMS);
    assertThat(findings.getFirst().objects()).containsExactly(objects);
  }

  private void fix(List<Finding> findings) throws SQLException {
    for (Finding finding : findings) {
      source.execute(finding.fix());
    }
  }

  private void assertPasses(Check check) throws SQLException {
    assertThat(by(check)).isEmpty();
  }

  private List<Finding> by(Check check) throws SQLException {
    return Assessed.of(source, target).by(check);
  }
}
