package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.Side;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChecksTest {
  private static final Path DOCUMENT = Path.of("docs", "checks.md");
  private static final List<Class<?>> HOLDERS =
      List.of(
          CodeChecks.class,
          CompatibilityChecks.class,
          EmptinessCheck.class,
          ExtensionChecks.class,
          FenceChecks.class,
          ReadingChecks.class,
          ReplicationChecks.class,
          ReverseChecks.class,
          RoleChecks.class,
          RoleFenceChecks.class,
          SchemaChecks.class,
          ServerChecks.class,
          SourceHealthChecks.class,
          SourceObjectChecks.class,
          StructureChecks.class,
          TableChecks.class,
          TargetChecks.class,
          TargetServerChecks.class,
          UpgradeChecks.class,
          WalChecks.class);
  private static final String MARK = "<!-- The registry's checks; written by ChecksTest. -->\n";

  /** With {@code -Dpgportage.rewrite=true} the document is brought in step instead. */
  @Test
  void areAllInTheDocument() throws IOException {
    String document = Files.readString(DOCUMENT);
    String head = document.substring(0, document.indexOf(MARK) + MARK.length());
    String wanted =
        head + Checks.ALL.stream().map(ChecksTest::section).collect(Collectors.joining());
    if (Boolean.getBoolean("pgportage.rewrite")) {
      Files.writeString(DOCUMENT, wanted);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(wanted);
  }

  @Test
  void haveNamesOfTheirOwnAndSayEverything() {
    assertThat(Checks.ALL).extracting(Check::id).doesNotHaveDuplicates();
    assertThat(Checks.ALL).extracting(Check::title).doesNotHaveDuplicates();
    for (Check check : Checks.ALL) {
      assertThat(check.id()).matches("[a-z]+(-[a-z]+)*");
      assertThat(check.passes()).as(check.id()).endsWith(".");
      assertThat(check.why()).as(check.id()).endsWith(".");
      assertThat(check.fix()).as(check.id()).isNotEmpty();
    }
  }

  @Test
  void keepTheNamesOfTheSevenOfDms() {
    assertThat(Checks.ALL.subList(0, 7))
        .extracting(Check::title)
        .containsExactly(
            "Database Version Compatibility",
            "Target Database Privileges",
            "Replication Slots Available",
            "Source Database Read Privileges",
            "WAL Level Configuration",
            "WAL Sender Timeout",
            "Maximum WAL Senders");
  }

  /** Each is named by a test that asks a server which passes it and one that does not. */
  @Test
  void areAllTested() throws IOException, IllegalAccessException {
    var tests = new StringBuilder();
    try (var files = Files.list(Path.of("src", "test", "java", "dev", "pgportage", "assess"))) {
      for (Path file : files.filter(file -> file.toString().endsWith("IT.java")).toList()) {
        tests.append(Files.readString(file));
      }
    }
    for (Class<?> holder : HOLDERS) {
      for (Field field : holder.getDeclaredFields()) {
        if (field.getType() == Check.class) {
          assertThat(Checks.ALL).contains((Check) field.get(null));
          assertThat(tests).contains(holder.getSimpleName() + "." + field.getName());
        }
      }
    }
  }

  private static String section(Check check) {
    String sides = check.sides().stream().map(Side::toString).collect(Collectors.joining(", "));
    String dms =
        check.dms().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
    return """

        ## `%s`: %s
        %s; made %s; at worst %s%s%s

        - **Passes:** %s
        - **Why:** %s
        - **Fix:** %s
        """
        .formatted(
            check.id(),
            check.title(),
            capital(sides),
            check.scope().text(),
            check.worst(),
            check.code() == ErrorCode.ASSESSMENT_BLOCKED ? "" : " (`" + check.code() + "`)",
            dms.isEmpty() ? "" : "; in DMS " + dms,
            check.passes(),
            check.why(),
            check.fix());
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
