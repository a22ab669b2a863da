package dev.pgportage.assess;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.config.MigrationConfig.Cutover.Reverse;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.Notifications;
import dev.pgportage.config.Switching;
import dev.pgportage.config.Web;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A migration between two test databases, to be assessed; every setting can be changed first.
 *
 * @param source the source's endpoint
 * @param target the target's endpoint
 */
record Assessed(
    Endpoint source,
    Endpoint target,
    MigrationConfig.Type type,
    Mode mode,
    Fence fence,
    List<String> roles,
    Reverse reverse,
    Optional<String> slot,
    long recopyLimit,
    int workers,
    boolean ours,
    boolean begun) {

  static Assessed of(TestDatabase source, TestDatabase target) {
    return new Assessed(
        source.endpoint(),
        target.endpoint(),
        MigrationConfig.Type.FULL_LOAD_AND_CDC,
        Mode.MANAGED,
        Fence.DATABASE,
        List.of(),
        Reverse.OFF,
        Optional.empty(),
        1L << 30,
        4,
        false,
        false);
  }

  Assessed type(MigrationConfig.Type other) {
    return new Assessed(
        source,
        target,
        other,
        mode,
        fence,
        roles,
        reverse,
        slot,
        recopyLimit,
        workers,
        ours,
        begun);
  }

  Assessed mode(Mode other) {
    return new Assessed(
        source,
        target,
        type,
        other,
        fence,
        roles,
        reverse,
        slot,
        recopyLimit,
        workers,
        ours,
        begun);
  }

  Assessed fence(Fence other) {
    return new Assessed(
        source, target, type, mode, other, roles, reverse, slot, recopyLimit, workers, ours, begun);
  }

  Assessed roles(String... names) {
    return new Assessed(
        source,
        target,
        type,
        mode,
        Fence.ROLES,
        List.of(names),
        reverse,
        slot,
        recopyLimit,
        workers,
        ours,
        begun);
  }

  Assessed reversing() {
    return new Assessed(
        source,
        target,
        type,
        mode,
        fence,
        roles,
        Reverse.ON,
        slot,
        recopyLimit,
        workers,
        ours,
        begun);
  }

  Assessed slot(String name) {
    return new Assessed(
        source,
        target,
        type,
        mode,
        fence,
        roles,
        reverse,
        Optional.of(name),
        recopyLimit,
        workers,
        ours,
        begun);
  }

  Assessed recopyLimit(long bytes) {
    return new Assessed(
        source, target, type, mode, fence, roles, reverse, slot, bytes, workers, ours, begun);
  }

  Assessed workers(int number) {
    return new Assessed(
        source, target, type, mode, fence, roles, reverse, slot, recopyLimit, number, ours, begun);
  }

  Assessed withOurSlotAndPublication() {
    return new Assessed(
        source, target, type, mode, fence, roles, reverse, slot, recopyLimit, workers, true, begun);
  }

  Assessed alreadyBegun() {
    return new Assessed(
        source, target, type, mode, fence, roles, reverse, slot, recopyLimit, workers, ours, true);
  }

  Assessed source(UnaryOperator<Endpoint> change) {
    return new Assessed(
        change.apply(source),
        target,
        type,
        mode,
        fence,
        roles,
        reverse,
        slot,
        recopyLimit,
        workers,
        ours,
        begun);
  }

  Assessed target(UnaryOperator<Endpoint> change) {
    return new Assessed(
        source,
        change.apply(target),
        type,
        mode,
        fence,
        roles,
        reverse,
        slot,
        recopyLimit,
        workers,
        ours,
        begun);
  }

  /** The same endpoint for another role with the tests' password. */
  static UnaryOperator<Endpoint> as(String role) {
    return e ->
        new Endpoint(
            e.side(),
            e.host(),
            e.port(),
            e.database(),
            role,
            new Secret(TestDatabase.PASSWORD),
            e.tls(),
            e.connectTimeout());
  }

  /** The same endpoint for another database. */
  static UnaryOperator<Endpoint> in(String database) {
    return e ->
        new Endpoint(
            e.side(),
            e.host(),
            e.port(),
            database,
            e.user(),
            e.password(),
            e.tls(),
            e.connectTimeout());
  }

  /** The same endpoint under another address. */
  static UnaryOperator<Endpoint> on(String host) {
    return e ->
        new Endpoint(
            e.side(),
            host,
            e.port(),
            e.database(),
            e.user(),
            e.password(),
            e.tls(),
            e.connectTimeout());
  }

  /** The same endpoint at another port. */
  static UnaryOperator<Endpoint> at(int port) {
    return e ->
        new Endpoint(
            e.side(),
            e.host(),
            port,
            e.database(),
            e.user(),
            e.password(),
            e.tls(),
            e.connectTimeout());
  }

  /** Asks every check. */
  AssessmentReport report() throws SQLException {
    return Assessment.run(context());
  }

  /** What one check finds. */
  List<Finding> by(Check check) throws SQLException {
    return Assessment.run(context(), List.of(check)).findings();
  }

  AssessmentContext context() throws SQLException {
    return new AssessmentContext(
        new Database(source, "test"),
        new Database(target, "test"),
        config(),
        objects(),
        new AssessmentContext.Replication(
            slot.orElse("pgportage_test"), ours, "pgportage_test", ours),
        begun);
  }

  private ObjectSet objects() throws SQLException {
    try (var connection = new Database(source, "test").open("catalog")) {
      return ObjectSets.resolve(CatalogReader.read(connection), Filters.none(), true);
    }
  }

  private MigrationConfig config() {
    return new MigrationConfig(
        "test",
        source,
        target,
        type,
        Filters.none(),
        new MigrationConfig.Schema(mode),
        new MigrationConfig.Load(workers, 2, 64 << 20, recopyLimit),
        new MigrationConfig.Apply(slot, 1000, 16 << 20, Duration.ofSeconds(1)),
        new MigrationConfig.Validation(2, 0, java.time.Duration.ZERO),
        new MigrationConfig.Cutover(
            fence,
            roles,
            1000,
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofSeconds(2),
            reverse,
            Switching.none()),
        MigrationConfig.Safety.usual(),
        MigrationConfig.Ddl.PAUSE,
        Notifications.none(),
        Web.usual());
  }
}
