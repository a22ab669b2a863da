package dev.pgportage.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.schema.CatalogDiff.Depth;
import dev.pgportage.testing.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SchemaApplierIT {
  @ParameterizedTest
  @EnumSource
  void makesTheSameSchemaOnTheSameVersion(SchemaFixture fixture) throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.plainTarget(15)) {
      fixture.load(source);
      try (var migration = new SchemaMigration(source, target)) {
        SchemaPlan plan = migration.carry(migration.set(Filters.none()));
        assertThat(plan.blocked()).isEmpty();
        assertThat(migration.differences(plan, Depth.OPENED)).isEmpty();
      }
      assertThat(SchemaMigration.schemaOf(target)).isEqualTo(SchemaMigration.schemaOf(source));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NORTHWIND, 18",
    "CHINOOK, 17",
    "RICH, 16",
    "RICH, 17",
    "RICH, 18",
    "TORTURE, 16",
    "TORTURE, 17",
    "TORTURE, 18"
  })
  void makesAnEqualSchemaOnNewerVersions(SchemaFixture fixture, int major) throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(major)) {
      fixture.load(source);
      try (var migration = new SchemaMigration(source, target)) {
        SchemaPlan plan = migration.carry(migration.set(Filters.none()));
        assertThat(migration.differences(plan, Depth.OPENED)).isEmpty();
      }
    }
  }
}
