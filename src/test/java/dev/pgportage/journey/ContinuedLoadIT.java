package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Sql;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.ForwardingMonitor;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.Migration;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A load that goes on under another snapshot with the chunks it has, PostgreSQL as the oracle: rows
 * were moved between pages, rekeyed, deleted and made again while nobody loaded.
 */
class ContinuedLoadIT {
  private static final String TABLES =
      """
      CREATE TABLE big (a int, b numeric, u int UNIQUE, v text, long text, PRIMARY KEY (a, b));
      ALTER TABLE big ALTER long SET STORAGE EXTERNAL;
      CREATE INDEX ON big (v);
      INSERT INTO big SELECT i, i %% 7, i, repeat('v', 300), CASE WHEN i %% 10 = 0 THEN repeat('l', 3000) END
      FROM generate_series(1, 12000) i;
      CREATE TABLE full_id (id text PRIMARY KEY, v text);
      ALTER TABLE full_id REPLICA IDENTITY FULL;
      INSERT INTO full_id SELECT 'Ä ' || i, repeat('f', 400) FROM generate_series(1, 6000) i;
      CREATE TABLE bag (v text);
      ALTER TABLE bag REPLICA IDENTITY FULL;
      INSERT INTO bag SELECT repeat('b', 400) FROM generate_series(1, 6000) i
      """
          .formatted();

  @Test
  void endsWithTheRowsOfTheSourceWhateverWasTouchedMeanwhile() throws Exception {
    var random = new Random(1);
    try (var journey = begun()) {
      kill(journey, CrashPoint.LOAD_AFTER_CHUNK_COMMIT, 2 + random.nextInt(4));
      write(journey, random);
      kill(journey, CrashPoint.LOAD_BEFORE_MENDED_COMMIT, 1);
      write(journey, random);
      kill(journey, CrashPoint.LOAD_AFTER_CHUNK_COMMIT, 1 + random.nextInt(2));
      write(journey, random);
      List<String> told = toReady(journey);
      assertThat(told).anyMatch(text -> text.startsWith("Table public.big goes on"));
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @Test
  void copiesAnewWhereRowsLieInOtherPlacesNow() throws Exception {
    try (var journey = begun()) {
      kill(journey, CrashPoint.LOAD_AFTER_CHUNK_COMMIT, 5);
      journey.source().executeAsSuperuser("VACUUM FULL big");
      journey.source().execute("UPDATE big SET v = 'clustered' WHERE a < 50");
      assertThat(toReady(journey)).noneMatch(text -> text.startsWith("Table public.big goes on"));
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  @Tag("long")
  @Test
  void copiesAnewWhatWasTruncatedMeanwhile() throws Exception {
    try (var journey = begun()) {
      kill(journey, CrashPoint.LOAD_AFTER_CHUNK_COMMIT, 5);
      journey.source().execute("TRUNCATE big; INSERT INTO big VALUES (1, 1, 1, 'anew', NULL)");
      toReady(journey);
      journey.cutOver().assertArrived().cleanUp();
    }
  }

  private static Journey begun() throws Exception {
    var journey = Journey.between(15, 15).set("load.chunk_size", "1MB").set("load.workers", "1");
    journey.source().execute(TABLES);
    return journey;
  }

  private static void kill(Journey journey, CrashPoint point, int passage) {
    journey.program("migrate", "--until-ready").dieAt(point, passage);
  }

  private static List<String> toReady(Journey journey) {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    var monitor =
        new ForwardingMonitor(Monitor.none()) {
          @Override
          public void event(Event event) {
            told.add(event.message());
          }
        };
    new Migration(journey.config(), monitor).migrate(Migration.Until.READY);
    return told;
  }

  private static void write(Journey journey, Random random) throws SQLException {
    try (Connection connection = journey.source().writer()) {
      for (int i = 0; i < 150; i++) {
        int a = 1 + random.nextInt(13_000);
        Sql.execute(
            connection,
            switch (random.nextInt(8)) {
              case 0 -> "DELETE FROM public.big WHERE a BETWEEN %d AND %d".formatted(a, a + 3);
              case 1 -> "UPDATE public.big SET a = -a WHERE a = %d".formatted(a);
              case 2 -> "UPDATE public.big SET b = b + 0.50 WHERE a = %d".formatted(a);
              case 3 ->
                  "UPDATE public.big SET v = repeat('w', 900) WHERE a BETWEEN %d AND %d"
                      .formatted(a, a + 5);
              case 4 ->
                  "INSERT INTO public.big VALUES (%d, 1.0, NULL, 'new', repeat('n', 2500)) ON CONFLICT DO NOTHING"
                      .formatted(a);
              case 5 ->
                  "UPDATE public.full_id SET id = id || '''\\\"' WHERE id = 'Ä %d'"
                      .formatted(a / 2);
              case 6 ->
                  "UPDATE public.big SET b = trim_scale(b) WHERE a BETWEEN %d AND %d"
                      .formatted(a, a + 9);
              default -> "DELETE FROM public.full_id WHERE id = 'Ä %d'".formatted(a / 2);
            });
      }
      Sql.execute(connection, "VACUUM public.big");
    }
  }
}
