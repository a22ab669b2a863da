package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ContentsIT {
  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("dev.pgportage.testing.Servers#versions")
  void areEqualOnAllVersionsAfterPlainDumpAndRestore(int major) throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(major)) {
      Torture.create(source, Torture.SMALL);
      Path dump = directory.resolve("dump.sql");
      Files.writeString(dump, Programs.dump(source.url(), "--no-owner", "--no-privileges"));
      Programs.psql(target.url(), dump);
      var schema = Contents.schema(source);
      assertThat(schema).hasSizeGreaterThan(500);
      assertThat(Contents.differences(schema, Contents.schema(target))).isEmpty();
      var rows = Contents.rows(source);
      assertThat(rows).hasSizeGreaterThan(50);
      assertThat(Contents.differences(rows, Contents.rows(target))).isEmpty();
    }
  }

  @Test
  void differByOneByte() throws Exception {
    try (var source = TestDatabase.source(15)) {
      Torture.create(source, Torture.SMALL);
      var before = Contents.rows(source);
      source.execute("UPDATE torture.types SET c_bytea = '\\x01' WHERE id = 4");
      assertThat(Contents.rows(source)).isNotEqualTo(before);
      var schema = Contents.schema(source);
      source.execute("ALTER TABLE torture.watched DISABLE TRIGGER a_before");
      assertThat(Contents.schema(source)).isNotEqualTo(schema);
    }
  }
}
