package dev.pgportage.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.testing.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
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
      }
      assertThat(SchemaMigration.schemaOf(target)).isEqualTo(SchemaMigration.schemaOf(source));
    }
  }
}
