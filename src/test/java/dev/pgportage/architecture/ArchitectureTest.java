package dev.pgportage.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArchitectureTest {
  private static final String ROOT = "dev.pgportage";
  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @ParameterizedTest
  @EnumSource
  void holdsInTheProduct(StructureRule rule) {
    rule.over(ROOT).check(PRODUCT);
  }

  @ParameterizedTest
  @EnumSource
  void failsOnItsViolation(StructureRule rule) {
    JavaClasses violation = new ClassFileImporter().importPackages(rule.violation());
    assertThat(violation).isNotEmpty();
    assertThat(rule.over(rule.violation()).evaluate(violation).hasViolation()).isTrue();
  }

  @Test
  void keepsClassesAndMethodsShort() throws IOException {
    assertThat(SourceLimits.violations(Path.of("src/main/java"))).isEmpty();
  }

  @Test
  void findsClassAndMethodThatAreTooLong(@TempDir Path directory) throws IOException {
    Path source = directory.resolve("Long.java");
    Files.writeString(source, source(SourceLimits.METHOD_LINES, SourceLimits.CLASS_LINES));
    assertThat(SourceLimits.violations(directory)).isEmpty();
    Files.writeString(source, source(SourceLimits.METHOD_LINES + 1, SourceLimits.CLASS_LINES));
    assertThat(SourceLimits.violations(directory)).singleElement().asString().contains("method m");
    Files.writeString(source, source(SourceLimits.METHOD_LINES, SourceLimits.CLASS_LINES + 1));
    assertThat(SourceLimits.violations(directory))
        .singleElement()
        .asString()
        .contains("class Long");
  }

  /** A class of exactly so many lines, with one method of exactly so many. */
  private static String source(int methodLines, int classLines) {
    return "/** Not\n * counted. */\nclass Long {\n"
        + "  void m() {\n"
        + "    assert true;\n".repeat(methodLines - 2)
        + "  }\n"
        + "\n".repeat(classLines - methodLines - 2)
        + "}\n";
  }
}
