package dev.pgportage.schema;

import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Databases to carry over. */
enum SchemaFixture {
  /** The Northwind traders; fourteen tables without a foreign key's cycle. */
  NORTHWIND(Path.of("../shared/data/northwind.sql")),
  /** The Chinook music store. */
  CHINOOK(Path.of("../shared/data/chinook.sql")),
  /** One of each kind of object pg_dump knows and a plain role may make. */
  RICH(Path.of("src/test/resources/dev/pgportage/schema/rich.sql")),
  /** Everything that ever broke a migration. */
  TORTURE(Path.of("src/test/resources/dev/pgportage/journey/torture.sql"));

  /** Chinook's script makes and enters a database of its own. */
  private static final Pattern OWN_DATABASE =
      Pattern.compile("(?m)^(DROP DATABASE|CREATE DATABASE|\\\\c ).*$");

  private final Path script;

  SchemaFixture(Path script) {
    this.script = script;
  }

  void load(TestDatabase database) throws IOException {
    Path adapted = Files.createTempFile("pgportage-fixture", ".sql");
    try {
      Files.writeString(adapted, OWN_DATABASE.matcher(Files.readString(script)).replaceAll(""));
      Programs.psql(database.writerUrl(), adapted);
    } finally {
      Files.delete(adapted);
    }
  }
}
