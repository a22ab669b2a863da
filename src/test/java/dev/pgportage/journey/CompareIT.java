package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code compare}, between two databases no migration knows of. */
class CompareIT {
  @TempDir private Path directory;

  private static final String SAME =
      """
      CREATE TABLE "Weird ""Table""\" (id serial PRIMARY KEY, v text);
      INSERT INTO "Weird ""Table""\" (v) SELECT i::text FROM generate_series(1, 1000) i;
      CREATE TABLE bag (v text);
      INSERT INTO bag VALUES ('a'), ('a'), (NULL);
      CREATE TABLE "user" (id int PRIMARY KEY, n numeric);
      INSERT INTO "user" VALUES (1, 1.0);
      """;

  @Test
  void findsExactlyWhatDiffersAndWritesNothing() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.source(18)) {
      source.execute(SAME);
      target.execute(SAME);
      var equal = compare(source, target);
      assertThat(equal.status()).as(equal.output()).isZero();
      assertThat(equal.output())
          .contains("Equal: 1,004 rows in 3 tables and 1 sequence were compared.");
      source.execute("CREATE TABLE gone (id int PRIMARY KEY)");
      var missing = compare(source, target);
      assertThat(missing.status()).as(missing.output()).isEqualTo(3);
      assertThat(missing.output())
          .contains("Tables the target lacks: public.gone", "Different: 1,004 rows")
          .doesNotContain("Equal");
      var narrowed = compare(source, target, "--set", "filters.exclude=public.gone");
      assertThat(narrowed.status()).as(narrowed.output()).isZero();
      target.execute(
          """
          DELETE FROM "Weird ""Table""\" WHERE id = 7;
          SELECT nextval('"Weird ""Table""_id_seq"');
          INSERT INTO bag VALUES ('a');
          ALTER TABLE "user" ALTER n TYPE text;
          CREATE TABLE new (id int PRIMARY KEY);
          """);
      var different = compare(source, target, "--output", "json");
      assertThat(different.status()).as(different.output()).isEqualTo(3);
      JsonNode content = different.result().at("/content");
      assertThat(content.at("/missing").toString()).isEqualTo("[\"public.gone\"]");
      assertThat(content.at("/extra").toString()).isEqualTo("[\"public.new\"]");
      assertThat(content.at("/other_columns").toString()).isEqualTo("[\"public.user\"]");
      assertThat(content.at("/differing_sequences")).hasSize(1);
      assertThat(content.findValuesAsText("key")).contains("(7)").hasSize(2);
      Path page = directory.resolve("proof.html");
      var hidden =
          compare(source, target, "--keys", "hide", "--workers", "3", "--html", page.toString());
      assertThat(hidden.status()).as(hidden.output()).isEqualTo(3);
      assertThat(hidden.output() + Files.readString(page))
          .contains(
              "1 row, not named", "Read the source at ", "Tables the source lacks: public.new")
          .doesNotContain("(7)", "ctid (");
      assertThat(compare(source, target, "--workers", "0").status()).isEqualTo(2);
      assertThat(target.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgportage'"))
          .isZero();
    }
  }

  private static Program.Ended compare(
      TestDatabase source, TestDatabase target, String... options) {
    var line = new ArrayList<>(List.of("compare", source.url(), target.url()));
    line.addAll(List.of(options));
    return Program.of(line).run();
  }
}
