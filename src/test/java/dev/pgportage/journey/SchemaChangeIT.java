package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The source's schema changes under way: never followed by guessing, never overlooked. */
class SchemaChangeIT {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE item ADD extra int DEFAULT 1 | column public.item.extra is new",
        "ALTER TABLE item ALTER v TYPE varchar(9) | column public.item.v was: text",
        "CREATE TABLE fresh (id int PRIMARY KEY) | table public.fresh is new",
        "CREATE TABLE late PARTITION OF parted FOR VALUES IN (2) | table public.late is new",
        "DROP TABLE other | table public.other is gone",
        "ALTER TYPE mood ADD VALUE 'new' | enum public.mood was",
        "ALTER TABLE item RENAME v TO w | column public.item.w is new"
      })
  void keepsTheCutoverFromHappening(String change, String told) throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey
          .source()
          .execute(
              """
              CREATE TYPE mood AS ENUM ('old');
              CREATE TABLE item (id int PRIMARY KEY, v text);
              CREATE TABLE other (id int PRIMARY KEY, m mood);
              CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY LIST (id);
              CREATE TABLE early PARTITION OF parted FOR VALUES IN (1);
              INSERT INTO item VALUES (1, 'a')
              """);
      journey.toReady();
      journey.source().execute(change);
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(journey::cutOver)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_CHANGED))
          .satisfies(e -> assertThat(e.what().replace("\"", "")).contains(told));
      journey.source().execute("INSERT INTO item VALUES (2, 'b')");
      journey.cleanUp();
    }
  }
}
