package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompatibilityChecksIT {
  private static final int VERSION = 17;

  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    source = TestDatabase.source(VERSION).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(VERSION);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
  }

  /** A database with odd properties, for as long as a test needs it. */
  private record Odd(String name) implements AutoCloseable {
    static Odd create(String name, String properties) throws SQLException {
      run("CREATE DATABASE " + name + " TEMPLATE template0 " + properties);
      try (var connection = Servers.version(VERSION).superuser(name)) {
        Sql.execute(connection, "CREATE TABLE item (id int PRIMARY KEY)");
      }
      return new Odd(name);
    }

    private static void run(String sql) throws SQLException {
      try (var connection = Servers.version(VERSION).superuser("postgres")) {
        Sql.execute(connection, sql);
      }
    }

    @Override
    public void close() throws SQLException {
      run("DROP DATABASE " + name + " WITH (FORCE)");
    }
  }

  @Test
  void refusesEncodingsThatCannotHoldOrDoNotSay() throws SQLException {
    assertThat(Assessed.of(source, target).by(CompatibilityChecks.ENCODING)).isEmpty();
    try (var latin = Odd.create("odd_latin", "ENCODING 'LATIN1'");
        var ascii = Odd.create("odd_ascii", "ENCODING 'SQL_ASCII'")) {
      assertSeverity(
          Severity.WARNS,
          Assessed.of(source, target).source(Assessed.in(latin.name())),
          CompatibilityChecks.ENCODING);
      assertSeverity(
          Severity.BLOCKS,
          Assessed.of(source, target).target(Assessed.in(latin.name())),
          CompatibilityChecks.ENCODING);
      assertSeverity(
          Severity.BLOCKS,
          Assessed.of(source, target).target(Assessed.in(ascii.name())),
          CompatibilityChecks.ENCODING);
      assertSeverity(
          Severity.BLOCKS,
          Assessed.of(source, target).source(Assessed.in(ascii.name())),
          CompatibilityChecks.ENCODING);
    }
  }

  @Test
  void warnsOfOtherCollation() throws SQLException {
    assertThat(Assessed.of(source, target).by(CompatibilityChecks.COLLATION)).isEmpty();
    try (var builtin =
        Odd.create("odd_builtin", "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")) {
      List<Finding> findings =
          Assessed.of(source, target)
              .target(Assessed.in(builtin.name()))
              .by(CompatibilityChecks.COLLATION);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
      assertThat(findings.getFirst().objects())
          .contains(
              "provider is libc on the source and builtin on the target",
              "locale is C on the source and C.UTF-8 on the target");
    }
    try (var older = TestDatabase.source(15).execute("CREATE TABLE item (id int PRIMARY KEY)")) {
      assertThat(Assessed.of(older, target).by(CompatibilityChecks.COLLATION)).isEmpty();
    }
  }

  @Test
  void bringsTheDatabasesSettingsToTheTarget() throws SQLException {
    assertThat(Assessed.of(source, target).by(CompatibilityChecks.DATABASE_SETTINGS)).isEmpty();
    source.executeAsSuperuser(
        """
        ALTER DATABASE %1$s SET search_path = app, "Odd one", public;
        ALTER DATABASE %1$s SET work_mem = '8MB';
        ALTER DATABASE %1$s SET app.motto = 'it''s'
        """
            .formatted(source.name()));
    List<Finding> findings = Assessed.of(source, target).by(CompatibilityChecks.DATABASE_SETTINGS);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
    assertThat(findings.getFirst().objects()).contains("search_path", "work_mem", "app.motto");
    target.executeAsSuperuser(findings.getFirst().fix());
    assertThat(Assessed.of(source, target).by(CompatibilityChecks.DATABASE_SETTINGS)).isEmpty();
    assertThat(target.text("SHOW search_path")).contains("app, \"Odd one\", public");
  }

  @Test
  void refusesExtensionsTheTargetLacksOrTheRoleMayNotMake() throws SQLException {
    assertThat(Assessed.of(source, target).by(ExtensionChecks.MISSING)).isEmpty();
    source.executeAsSuperuser("CREATE EXTENSION pg_trgm; CREATE EXTENSION pageinspect");
    List<Finding> findings = Assessed.of(source, target).by(ExtensionChecks.MISSING);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
    assertThat(findings.getFirst().objects()).containsExactly("pageinspect");
    assertThat(findings.getFirst().what())
        .startsWith("Extension pageinspect cannot be created on the target: permission denied");
    assertThat(Assessed.of(source, target).mode(Mode.EXISTING).by(ExtensionChecks.MISSING))
        .extracting(Finding::severity)
        .containsExactly(Severity.WARNS, Severity.WARNS);
    target.executeAsSuperuser("CREATE EXTENSION pageinspect");
    assertThat(Assessed.of(source, target).by(ExtensionChecks.MISSING)).isEmpty();
    source.executeAsSuperuser(
        "UPDATE pg_extension SET extname = 'nowhere' WHERE extname = 'pageinspect';"
            + "UPDATE pg_extension SET extname = 'aws_s3' WHERE extname = 'pg_trgm'");
    assertThat(Assessed.of(source, target).by(ExtensionChecks.MISSING))
        .extracting(Finding::what)
        .containsExactly(
            "Extension nowhere is not available on the target",
            "Extension aws_s3 is Amazon Aurora PostgreSQL's own; it is left behind");
  }

  @Test
  void warnsOfOlderExtensions() throws SQLException {
    source.executeAsSuperuser("CREATE EXTENSION pg_trgm");
    assertThat(Assessed.of(source, target).by(ExtensionChecks.VERSIONS)).isEmpty();
    target.executeAsSuperuser("CREATE EXTENSION pg_trgm VERSION '1.3'");
    assertSeverity(Severity.WARNS, Assessed.of(source, target), ExtensionChecks.VERSIONS);
    source.executeAsSuperuser(
        "UPDATE pg_extension SET extversion = '1.2' WHERE extname = 'pg_trgm'");
    assertSeverity(Severity.INFORMS, Assessed.of(source, target), ExtensionChecks.VERSIONS);
  }

  @Test
  void comparesVersionsAsNumbers() {
    assertThat(ExtensionChecks.compareVersions("1.10", "1.9")).isPositive();
    assertThat(ExtensionChecks.compareVersions("3.4.0", "3.4")).isPositive();
    assertThat(ExtensionChecks.compareVersions("0.8.0", "0.8.0")).isZero();
  }

  @Test
  void warnsOfRowsInExtensionsTables() throws SQLException {
    source.executeAsSuperuser(
        """
        CREATE EXTENSION hstore;
        CREATE TABLE public.kept (a int, own bool); GRANT SELECT ON public.kept TO migrator;
        ALTER EXTENSION hstore ADD TABLE public.kept;
        UPDATE pg_extension SET extconfig = ARRAY['public.kept'::regclass::oid],
               extcondition = ARRAY['WHERE own'] WHERE extname = 'hstore';
        INSERT INTO public.kept VALUES (1, false)
        """);
    assertThat(Assessed.of(source, target).by(ExtensionChecks.DATA)).isEmpty();
    source.executeAsSuperuser("INSERT INTO public.kept VALUES (2, true)");
    List<Finding> findings = Assessed.of(source, target).by(ExtensionChecks.DATA);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
    assertThat(findings.getFirst().objects()).containsExactly("public.kept (hstore)");
  }

  private static void assertSeverity(Severity severity, Assessed assessed, Check check)
      throws SQLException {
    Assessed as =
        assessed.source().database().startsWith("odd")
            ? assessed.source(Assessed.as(TestDatabase.SOURCE_ROLE))
            : assessed;
    assertThat(as.by(check)).extracting(Finding::severity).containsExactly(severity);
  }
}
