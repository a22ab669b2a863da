package dev.pgportage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetFileTest {
  private static final String TWO =
      """
      limits:
        running: 2
        workers: 6
        max_rate: 10MB
      defaults:
        load:
          workers: 5
          chunk_size: 16MB
      migrations:
        - source: postgresql://me@127.0.0.1:1/one
          target: postgresql://me@127.0.0.1:2/one
          group: first
        - source: postgresql://me@127.0.0.1:1/two
          target: postgresql://me@127.0.0.1:2/two
          name: other
          load:
            workers: 1
            max_rate: 1MB
      """;

  private static final String SERVER =
      """
      discover:
        source: postgresql://me@127.0.0.1:1/{database}
        target: postgresql://me@127.0.0.1:2/{database}?sslmode=disable
        exclude: ["tmp*"]
        group: all
      """;

  @TempDir private Path directory;

  @Test
  void givesEachMigrationDefaultsItsOwnSettingsAndItsShare() throws Exception {
    List<FleetFile.Member> members = read(TWO).members(List.of());
    assertThat(members)
        .extracting(member -> member.config().name())
        .containsExactly("one", "other");
    assertThat(members).extracting(FleetFile.Member::group).containsExactly("first", "");
    var first = members.getFirst().config().load();
    assertThat(first.workers()).as("6 for 2").isEqualTo(3);
    assertThat(first.chunkBytes()).isEqualTo(16L << 20);
    assertThat(first.limits().bytesPerSecond()).isEqualTo(5L << 20);
    var second = members.getLast().config().load();
    assertThat(second.workers()).isEqualTo(1);
    assertThat(second.limits().bytesPerSecond()).isEqualTo(1L << 20);
  }

  @Test
  void makesAMigrationOfEachDatabaseWithNamesOfTheirOwn() throws Exception {
    List<FleetFile.Member> members =
        read(SERVER).members(List.of("a-b", "a_b", "postgres", "rdsadmin", "tmp_1", "Größe \"x\""));
    assertThat(members)
        .extracting(member -> member.config().source().database())
        .containsExactly("a-b", "a_b", "Größe \"x\"");
    assertThat(members)
        .extracting(member -> member.config().target().database())
        .containsExactly("a-b", "a_b", "Größe \"x\"");
    assertThat(members)
        .extracting(member -> member.config().name())
        .doesNotHaveDuplicates()
        .contains("a_b")
        .allMatch(name -> name.matches("[a-z0-9_]{1,40}"));
    assertThat(members).allMatch(member -> member.group().equals("all"));
  }

  @Test
  void takesADatabaseThatIsUsuallyLeftOutWhenItIsNamed() throws Exception {
    String file = SERVER.replace("exclude:", "include: [\"postgres\", \"a*\"]\n  exclude:");
    assertThat(read(file).members(List.of("abc", "postgres", "b")))
        .extracting(member -> member.config().source().database())
        .containsExactly("abc", "postgres");
  }

  @Test
  void tellsAllProblemsOfAllMigrationsAtOnceAndEachOnce() {
    String file =
        TWO.replace("chunk_size: 16MB", "chunk_size: nonsense")
            .replace("max_rate: 1MB", "max_rat: 1MB")
            .replace("group: first", "group: 'a b'");
    assertThatThrownBy(() -> read(file).members(List.of()))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageContaining("3 problems")
        .hasMessageContaining("load.chunk_size")
        .hasMessageContaining("load.max_rat")
        .hasMessageContaining("group");
  }

  @Test
  void refusesWhatCannotBeTheSameForTwo() {
    assertThatThrownBy(() -> read(TWO.replace("name: other", "name: one")).members(List.of()))
        .hasMessageContaining("two migrations are called one");
    assertThatThrownBy(() -> read(TWO.replace(":2/two", ":2/one")).members(List.of()))
        .hasMessageContaining("two migrations go to me@127.0.0.1:2/one");
    assertThatThrownBy(() -> read(TWO.replace("  load:\n    workers: 5", "  name: x\n  load:")))
        .hasMessageContaining("cannot be the same for all");
  }

  @Test
  void refusesMoreConnectionsThanAllowed() throws Exception {
    String file = TWO.replace("workers: 6", "workers: 6\n  connections: 20");
    assertThatThrownBy(() -> read(file).members(List.of()))
        .hasMessageContaining("limits.connections")
        .hasMessageContaining("2 migrations, 2 of them loading");
    String enough = TWO.replace("workers: 6", "workers: 6\n  connections: 40");
    assertThat(read(enough).members(List.of())).hasSize(2);
  }

  @Test
  void refusesAnEmptyFleetAndHalfADiscovery() {
    assertThatThrownBy(() -> read("limits:\n  running: 2\n"))
        .hasMessageContaining("the fleet is empty");
    assertThatThrownBy(() -> read("discover:\n  source: postgresql://me@127.0.0.1:1/{database}\n"))
        .hasMessageContaining("discover.target");
    assertThatThrownBy(() -> read(SERVER.replace("{database}", "shop")))
        .hasMessageContaining("has no {database}");
    assertThatThrownBy(() -> read(SERVER).members(List.of("tmp1")))
        .hasMessageContaining("No database of the server is left");
  }

  private FleetFile read(String text) throws Exception {
    Path file = directory.resolve("fleet.yaml");
    Files.writeString(file, text);
    return FleetFile.read(file, new Environment(Map.of(), Path.of("/nowhere")));
  }
}
