package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SourceObjectChecksIT {
  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    source =
        TestDatabase.source(15)
            .execute(
                "CREATE TABLE item (id int PRIMARY KEY, a int); INSERT INTO item VALUES (1, 1)");
    target = TestDatabase.target(15);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
  }

  @Test
  void tellsOfRules() throws SQLException {
    assertPasses(SourceObjectChecks.RULES);
    source.execute("CREATE RULE \"R r\" AS ON DELETE TO item DO ALSO NOTIFY x");
    assertFinds(SourceObjectChecks.RULES, Severity.INFORMS, "public.item.\"R r\"");
  }

  @Test
  void warnsOfEventTriggersOnEitherSide() throws SQLException {
    assertPasses(SourceObjectChecks.EVENT_TRIGGERS);
    String trigger =
        """
        CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.f()
        """;
    source.executeAsSuperuser(trigger);
    assertFinds(SourceObjectChecks.EVENT_TRIGGERS, Severity.WARNS, "watch");
    source.executeAsSuperuser("ALTER EVENT TRIGGER watch DISABLE");
    assertPasses(SourceObjectChecks.EVENT_TRIGGERS);
    target.executeAsSuperuser(trigger);
    assertFinds(SourceObjectChecks.EVENT_TRIGGERS, Severity.WARNS, "watch");
  }

  @Test
  void warnsOfForeignTables() throws SQLException {
    assertPasses(SourceObjectChecks.FOREIGN_TABLES);
    source.executeAsSuperuser(
        """
        CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far;
        CREATE FOREIGN TABLE public.abroad (a int) SERVER away
        """);
    assertFinds(SourceObjectChecks.FOREIGN_TABLES, Severity.WARNS, "public.abroad");
  }

  @Test
  void tellsOfMaterializedViews() throws SQLException {
    assertPasses(SourceObjectChecks.MATVIEWS);
    source.execute("CREATE MATERIALIZED VIEW m AS SELECT 1");
    assertFinds(SourceObjectChecks.MATVIEWS, Severity.INFORMS, "public.m");
  }

  @Test
  void warnsOfInvalidIndexes() throws SQLException {
    source.execute("CREATE INDEX \"I i\" ON item (a)");
    assertPasses(SourceObjectChecks.INVALID_INDEXES);
    source.executeAsSuperuser(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.\"I i\"'::regclass");
    assertFinds(SourceObjectChecks.INVALID_INDEXES, Severity.WARNS, "public.\"I i\"");
  }

  @Test
  void tellsOfConstraintsNeverValidated() throws SQLException {
    source.execute("ALTER TABLE item ADD CONSTRAINT fine CHECK (a > 0)");
    assertPasses(SourceObjectChecks.NOT_VALID);
    source.execute("ALTER TABLE item ADD CONSTRAINT late CHECK (a > 5) NOT VALID");
    assertFinds(SourceObjectChecks.NOT_VALID, Severity.INFORMS, "public.item.late");
  }

  @Test
  void warnsOfSequencesNearTheirEnd() throws SQLException {
    source.execute(
        """
        CREATE SEQUENCE fresh; CREATE SEQUENCE cycling MAXVALUE 10 CYCLE;
        CREATE SEQUENCE down INCREMENT -1 MINVALUE -20000 START -1;
        CREATE TABLE t (id serial PRIMARY KEY)
        """);
    assertPasses(SourceObjectChecks.SEQUENCES);
    source.execute("SELECT setval('down', -19001), setval('t_id_seq', 2000000000)");
    List<Finding> findings = Assessed.of(source, target).by(SourceObjectChecks.SEQUENCES);
    assertThat(findings).extracting(Finding::severity).containsOnly(Severity.WARNS);
    assertThat(findings)
        .extracting(Finding::what)
        .containsExactly(
            "Sequence public.down stands at -19001; its end is -20000",
            "Sequence public.t_id_seq stands at 2000000000; its end is 2147483647");
    source.execute(findings.getLast().fix());
    assertThat(Assessed.of(source, target).by(SourceObjectChecks.SEQUENCES)).hasSize(1);
  }

  private void assertFinds(Check check, Severity severity, String object) throws SQLException {
    List<Finding> findings = Assessed.of(source, target).by(check);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().severity()).isEqualTo(severity);
    assertThat(findings.getFirst().objects()).containsExactly(object);
  }

  private void assertPasses(Check check) throws SQLException {
    assertThat(Assessed.of(source, target).by(check)).isEmpty();
  }
}
