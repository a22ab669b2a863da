package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.pgportage.MigrationException;
import dev.pgportage.demo.Shop;
import dev.pgportage.demo.ShopWriter;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program's own connections are cut again and again while it cuts over. */
class CutConnectionIT {
  private static final int CUTS = 12;

  @ParameterizedTest
  @CsvSource({"true, 250", "false, 50"})
  void endsTheCutoverWithAnAnswer(boolean onSource, int pauseMillis) throws Exception {
    try (var journey = Journey.between(15, 15)) {
      try (Connection owner = journey.source().writer()) {
        Shop.create(owner, 0.02);
      }
      try (var writer = ShopWriter.start(journey.source()::writer, 1, Duration.ofMillis(2))) {
        journey.toReady();
        var answer = CompletableFuture.supplyAsync(() -> cutOver(journey));
        cut(onSource ? journey.source() : journey.target(), pauseMillis);
        String failure = answer.get(2, TimeUnit.MINUTES);
        if (!failure.isEmpty()) {
          assertThatCode(() -> journey.source().execute("UPDATE shop.categories SET name = name"))
              .as(failure)
              .doesNotThrowAnyException();
          journey.cutOver();
        }
        writer.close();
        assertThat(writer.failures()).isEmpty();
      }
      journey.refreshOnSource("shop.category_sales").cleanUp().assertArrived();
    }
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"true, 50", "false, 250"})
  void endsItWithAnAnswerAtOtherPauses(boolean onSource, int pauseMillis) throws Exception {
    endsTheCutoverWithAnAnswer(onSource, pauseMillis);
  }

  /** Empty if it succeeded; a failure it has told of is an answer, too. */
  private static String cutOver(Journey journey) {
    try {
      journey.migration().cutover();
      return "";
    } catch (MigrationException e) {
      return e.display();
    }
  }

  private static void cut(TestDatabase side, int pauseMillis) throws Exception {
    for (int i = 0; i < CUTS; i++) {
      Thread.sleep(pauseMillis);
      side.endSessions();
    }
  }
}
