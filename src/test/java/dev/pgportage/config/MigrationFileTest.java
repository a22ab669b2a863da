package dev.pgportage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.MigrationConfig.Schema.Park;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationFileTest {
  private static final String URLS =
      """
      source: postgresql://u@127.0.0.1/shop
      target: postgresql://u@127.0.0.1/new
      """;

  @TempDir Path directory;

  @Test
  void usesDefaultsForEverythingButTheUrls() {
    MigrationFile file = read(URLS);
    assertThat(file.warnings()).isEmpty();
    assertThat(file.config())
        .isEqualTo(
            new MigrationConfig(
                "shop",
                file.config().source(),
                file.config().target(),
                MigrationConfig.Type.FULL_LOAD_AND_CDC,
                MigrationConfig.Filters.none(),
                new MigrationConfig.Schema(Mode.MANAGED),
                new MigrationConfig.Load(4, 2, 256L << 20, 1L << 30),
                new MigrationConfig.Apply(
                    Optional.empty(), 100_000, 64L << 20, Duration.ofSeconds(1)),
                new MigrationConfig.Validation(2, 0, java.time.Duration.ZERO),
                new MigrationConfig.Cutover(
                    Fence.DATABASE,
                    List.of(),
                    1000,
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(5),
                    MigrationConfig.Cutover.Reverse.ON,
                    Switching.none()),
                MigrationConfig.Safety.usual(),
                MigrationConfig.Ddl.PAUSE,
                Notifications.none(),
                Web.usual()));
  }

  /** Every key that not just any text may stand for. */
  static Stream<String> choosyKeys() {
    return Settings.ALL.stream()
        .filter(setting -> setting.kind().parser().apply("no such thing!").isEmpty())
        .map(Setting::key);
  }

  @ParameterizedTest
  @MethodSource("choosyKeys")
  void refusesWhatAKeyDoesNotAllow(String key) {
    assertThatThrownBy(
            () ->
                MigrationFile.of(
                    List.of(
                        new MigrationFile.Option(
                            "--source", "source", "postgresql://u@127.0.0.1/a"),
                        new MigrationFile.Option(
                            "--target", "target", "postgresql://u@127.0.0.1/b"),
                        new MigrationFile.Option("--set", key, "no such thing!")),
                    new Environment(Map.of(), directory)))
        .hasMessageContaining(key);
  }

  @Test
  void readsEveryKey() {
    MigrationConfig config =
        read(URLS
                + """
                    name: m_1
                    ddl: apply
                    type: cdc
                    filters:
                      include: [public.*, '"a.b"."c*"']
                      exclude:
                        - "*.tmp_*"
                    schema: { mode: existing }
                    load:
                      workers: 8
                      index_workers: 3
                      chunk_size: 1.5GB
                      index_memory: 2GB
                      recopy_limit: 0B
                      max_rate: 50MB
                      keep_connections: 7
                      max_replica_lag: 20s
                      stop_replica_lag: 2min
                      max_snapshot_age: 2000000
                    apply:
                      slot: by_hand
                      batch_rows: 10
                      batch_size: "32 MB"
                      heartbeat: 500ms
                    validation:
                      workers: 5
                    cutover:
                      fence: external
                      sequence_headroom: 0
                      max_lag: 10s
                      drain_timeout: 2min
                      silence: 1min
                      reverse: off
                    safety:
                      stall_after: 30s
                      stall_limit: 20min
                      max_wal: 7GB
                      on_max_wal: release
                      max_target_size: 1TB
                    """)
            .config();
    assertThat(config)
        .isEqualTo(
            new MigrationConfig(
                "m_1",
                config.source(),
                config.target(),
                MigrationConfig.Type.CDC,
                new MigrationConfig.Filters(
                    List.of("public.*", "\"a.b\".\"c*\""), List.of("*.tmp_*")),
                new MigrationConfig.Schema(Mode.EXISTING),
                new MigrationConfig.Load(
                    8,
                    3,
                    3L << 29,
                    0,
                    2L << 30,
                    new MigrationConfig.Limits(
                        50L << 20, 7, Duration.ofSeconds(20), Duration.ofMinutes(2), 2_000_000),
                    new Executor.Threads()),
                new MigrationConfig.Apply(
                    Optional.of("by_hand"), 10, 32L << 20, Duration.ofMillis(500)),
                new MigrationConfig.Validation(5, 0, java.time.Duration.ZERO),
                new MigrationConfig.Cutover(
                    Fence.EXTERNAL,
                    List.of(),
                    0,
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(1),
                    MigrationConfig.Cutover.Reverse.OFF,
                    Switching.none()),
                new MigrationConfig.Safety(
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(20),
                    7L << 30,
                    MigrationConfig.Safety.WalAction.RELEASE,
                    1L << 40),
                MigrationConfig.Ddl.APPLY,
                Notifications.none(),
                Web.usual()));
  }

  @Test
  void tellsAllProblemsWithTheirPlaces() {
    MigrationException failure =
        failure(
            """
            source: postgresql://u@h/d
            tpye: cdc
            load:
              workers: 0
              wrokers: 4
              chunk_size: 5
            cutover:
              fence: wall
              max_lag: soon
            apply: fast
            """);
    assertThat(failure.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    assertThat(failure.what().lines())
        .containsExactly(
            "8 problems in the settings",
            "  FILE: target: is missing (postgresql://user@host:5432/database)",
            "  FILE:2:1: tpye: this key is not known (did you mean type?)",
            "  FILE:4:12: load.workers: '0' is not allowed (allowed: a whole number from 1 to 64)",
            "  FILE:5:3: load.wrokers: this key is not known (did you mean load.workers or"
                + " validation.workers?)",
            "  FILE:6:15: load.chunk_size: '5' is not allowed (allowed: a size from 1MB to 64GB;"
                + " units: B, kB, MB, GB, TB)",
            "  FILE:8:10: cutover.fence: 'wall' is not allowed (allowed: one of: database,"
                + " roles, external)",
            "  FILE:9:12: cutover.max_lag: 'soon' is not allowed (allowed: a time from 1s to 1h;"
                + " units: ms, s, min, h, d)",
            "  FILE:10:8: apply: this is a section (keys below it: apply.slot, apply.streams,"
                + " apply.batch_rows, apply.batch_size, apply.heartbeat)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "load: {workers: 1}\\nload: {workers: 2} | FILE:4:1: load: this key stands twice",
        "load:\\n  workers: 1\\n  workers: 2 | FILE:5:3: load.workers: this key stands twice",
        "load: {workers: [1]} | load.workers: is a list",
        "load: {workers: {a: 1}} | load.workers: has keys below it",
        "load: {workers: } | load.workers: has no value",
        "load: {workers: 1.5} | load.workers: '1.5' is not allowed",
        "load: {workers: -1} | load.workers: '-1' is not allowed",
        "load: {workers: 65} | load.workers: '65' is not allowed",
        "load: {workers: 99999999999999999999} | is not allowed",
        "load: {chunk_size: 1kB} | load.chunk_size: '1kB' is not allowed",
        "load: {chunk_size: 1mb} | load.chunk_size: '1mb' is not allowed",
        "apply: {heartbeat: 5m} | apply.heartbeat: '5m' is not allowed",
        "apply: {heartbeat: 6s} | apply.heartbeat: is longer than cutover.max_lag",
        "apply: {streams: 0} | apply.streams: '0' is not allowed (allowed: a whole number from 1",
        "apply: {streams: 9} | apply.streams: '9' is not allowed (allowed: a whole number from 1",
        "type: full-load\\napply: {streams: 2} | apply.streams: type full-load replicates nothing",
        "type: cdc\\nschema: {mode: existing}\\napply: {slot: s, streams: 2} | apply.streams: one given",
        "apply: {slot: Mine} | apply.slot: 'Mine' is not allowed",
        "apply: {slot: mine} | apply.slot: only type cdc begins from an existing slot",
        "type: cdc | FILE:3:7: type: type cdc needs a target that holds the rows already",
        "type: full_load | type: 'full_load' is not allowed (allowed: one of: full-load, cdc",
        "schema: {mode: drop} | allowed: one of: managed, existing, truncate",
        "filters: {include: public.*} | filters.include: is not a list",
        "filters: {include: [[a.b]]} | filters.include: an item of the list is not a text",
        "filters: {include: [orders]} | filters.include: 'orders' is not allowed",
        "filters: {include: [a.b.c]} | 'a.b.c' is not allowed",
        "filters: {exclude: ['\"a.b']} | is not allowed",
        "name: Shop-1 | name: 'Shop-1' is not allowed (allowed: lower-case letters",
        "name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | is not allowed",
        "name: ${NO_SUCH} | name: the environment has no variable NO_SUCH",
        "workers: 3 | workers: this key is not known (did you mean load.workers or",
        "load: {frobnicate: 3} | allowed: load.workers, load.index_workers",
        "frobnicate: 3 | see docs/configuration.md",
        "---\\nname: x | FILE:4:1: a second document begins here",
        "name: 'x | FILE:",
        "load:\\n\tworkers: 1 | FILE:4:1: this is not YAML"
      })
  void refuses(String lines, String expected) {
    MigrationException failure = failure(URLS + lines.replace("\\n", "\n") + "\n");
    assertThat(failure.what()).contains(expected);
    assertThat(failure.what().lines()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "null\n"})
  void missesBothUrlsInAnEmptyFile(String text) {
    assertThat(failure(text).what())
        .contains("FILE: source: is missing")
        .contains("FILE: target: is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"just text", "- a\n- list\n"})
  void refusesFileWithoutKeys(String text) {
    assertThat(failure(text).what()).contains("FILE:1:1: the file holds no keys");
  }

  @Test
  void refusesAliases() {
    assertThat(failure(URLS + "name: &a cdc\ntype: *a\n").what())
        .contains("FILE:4:7: an alias (*name) stands here");
  }

  @Test
  void neverQuotesTheFileWhenItIsNotYaml() {
    MigrationException failure = failure("source: \"postgresql://u:hush@h/d\n  x: - {\n");
    assertThat(failure.display()).contains("this is not YAML").doesNotContain("hush");
  }

  @Test
  void refusesSourceAsTarget() {
    MigrationException failure =
        failure("source: postgresql://a@Localhost/d\ntarget: postgresql://b@localhost:5432/d\n");
    assertThat(failure.code()).isEqualTo(ErrorCode.SAME_DATABASE);
    assertThat(failure.what()).contains("FILE:2:9: target: is the source's database too");
  }

  @Test
  void letsOptionsReplaceTheFile() {
    MigrationConfig config =
        read(
                URLS + "load: {workers: 7, index_workers: 5}\nname: Wrong\n",
                new MigrationFile.Option("--set load.workers", "load.workers", "9"),
                new MigrationFile.Option("--set filters.include", "filters.include", "a.*, b.*"),
                new MigrationFile.Option("--target", "target", "postgresql://u@127.0.0.1/x"),
                new MigrationFile.Option("--name", "name", "right"))
            .config();
    assertThat(config.load().workers()).isEqualTo(9);
    assertThat(config.load().indexWorkers()).isEqualTo(5);
    assertThat(config.filters().include()).containsExactly("a.*", "b.*");
    assertThat(config.target().database()).isEqualTo("x");
    assertThat(config.name()).isEqualTo("right");
  }

  @Test
  void namesTheOptionThatIsWrong() {
    var options =
        List.of(
            new MigrationFile.Option("--source", "source", "postgresql://u@h/d"),
            new MigrationFile.Option("--set load.workrs=1", "load.workrs", "1"),
            new MigrationFile.Option("--set load.workers", "load.workers", "x"));
    assertThatThrownBy(() -> MigrationFile.of(options, environment()))
        .hasMessageContaining("command line: target: is missing")
        .hasMessageContaining("--set load.workers: load.workers: 'x' is not allowed")
        .hasMessageContaining("did you mean load.workers");
  }

  @Test
  void warnsOfWhatHasNoEffect() {
    assertThat(
            read(URLS + "type: full-load\napply: {batch_rows: 5}\ncutover: {silence: 2s}\n")
                .warnings())
        .extracting(Problem::key)
        .containsExactly("apply.batch_rows", "cutover.silence");
    assertThat(read(URLS + "type: cdc\nschema: {mode: existing}\n").warnings())
        .singleElement()
        .returns("type", Problem::key);
  }

  @Test
  void parksOnlyOnASchemaThatRowsAreLoadedInto() {
    for (String wrong :
        List.of("schema: {park: all}\n", "type: cdc\nschema: {mode: existing, park: indexes}\n")) {
      assertThat(failure(URLS + wrong).what()).contains("schema.park: only a schema you made");
    }
    MigrationConfig parks = read(URLS + "schema: {mode: truncate, park: foreign-keys}\n").config();
    assertThat(parks.schema())
        .isEqualTo(new MigrationConfig.Schema(Mode.TRUNCATE, Park.FOREIGN_KEYS));
    assertThat(read(URLS + "schema: {mode: truncate}\n").config().settingsHash())
        .isNotEqualTo(parks.settingsHash());
  }

  @Test
  void takesVariablesForAnyValue() {
    assertThat(read(URLS + "load: {workers: '${WORKERS}'}\n").config().load().workers())
        .isEqualTo(6);
  }

  @Test
  void namesMigrationAfterItsSource() {
    String name =
        read(URLS.replace("/shop", "/My%20Shop-Database-With-A-Name-That-Is-Too-Long"))
            .config()
            .name();
    assertThat(name).isEqualTo("my_shop_database_with_a_name_that_is_too");
  }

  @Test
  void tellsWhenFileIsMissingOrNoText() throws IOException {
    assertThatThrownBy(
            () -> MigrationFile.read(directory.resolve("none.yaml"), List.of(), environment()))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_NOT_FOUND))
        .hasMessageContaining("none.yaml does not exist");
    Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> MigrationFile.read(binary, List.of(), environment()))
        .hasMessageContaining("is not a text in UTF-8");
  }

  @ParameterizedTest
  @CsvSource({
    "type, full-load",
    "filters.include, a.b",
    "filters.exclude, a.b",
    "schema.mode, existing",
  })
  void changesHashWithWhatMustNotChange(String key, String value) {
    MigrationConfig other = read(URLS, new MigrationFile.Option("--set", key, value)).config();
    assertThat(read(URLS).config().settingsHash()).hasSize(64).isNotEqualTo(other.settingsHash());
  }

  @Test
  void keepsHashWithWhatMayChange() {
    String changed =
        """
        source: postgresql://other:pw@localhost/shop?connect_timeout=5
        target: postgresql://u@127.0.0.1/new
        load: {workers: 9}
        cutover: {fence: external}
        """;
    assertThat(read(changed).config().settingsHash()).isEqualTo(read(URLS).config().settingsHash());
  }

  @Test
  void readsDatabaseFromKeys() {
    MigrationConfig config =
        read("""
                source:
                  url: postgresql://a@db.c1.eu-west-1.rds.amazonaws.com/x?sslmode=require
                  auth: iam
                target:
                  url: postgresql://b@new.example.com/y
                  secret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:s#pass%&word
                """)
            .config();
    assertThat(config.source().tls().mode()).isEqualTo("require");
    assertThat(config.source().password()).isNotNull();
    assertThat(config.target().password()).isNotNull();
  }

  @Test
  void namesWrongKeysOfDatabase() {
    String text =
        """
        source: { urll: "postgresql://a@h/x", secret: [1] }
        target: { url: "host=h dbname=y user=b", auth: iam }
        """;
    assertThat(failure(text).what())
        .contains(
            "source.urll", "did you mean", "source.secret: is no text", "source.url: is missing")
        .contains("target.url: is no URL that parameters could be added to");
  }

  private MigrationFile read(String text, MigrationFile.Option... options) {
    try {
      Path file = directory.resolve("migration.yaml");
      Files.writeString(file, text, StandardCharsets.UTF_8);
      return MigrationFile.read(file, List.of(options), environment());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MigrationException failure(String text) {
    var failure = catchThrowableOfType(MigrationException.class, () -> read(text));
    assertThat(failure).isNotNull();
    String file = directory.resolve("migration.yaml").toString();
    return new MigrationException(failure.code(), failure.what().replace(file, "FILE"));
  }

  private Environment environment() {
    return new Environment(Map.of("WORKERS", "6"), directory);
  }
}
