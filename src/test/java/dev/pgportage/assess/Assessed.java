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
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A migration between two test databases, to be assessed; every setting can be changed first. */
final class Assessed implements Cloneable {
  private Endpoint source;
  private Endpoint target;
  private MigrationConfig.Type type = MigrationConfig.Type.FULL_LOAD_AND_CDC;
  private Mode mode = Mode.MANAGED;
  private Fence fence = Fence.DATABASE;
  private List<String> roles = List.of();
  private Reverse reverse = Reverse.OFF;
  private Optional<String> slot = Optional.empty();
  private long recopyLimit = 1L << 30;
  private int workers = 4;
  private boolean ours;
  private boolean begun;

  private Assessed(Endpoint source, Endpoint target) {
    this.source = source;
    this.target = target;
  }

  static Assessed of(TestDatabase source, TestDatabase target) {
    return new Assessed(source.endpoint(), target.endpoint());
  }

  private Assessed with(Consumer<Assessed> change) {
    try {
      var changed = (Assessed) super.clone();
      change.accept(changed);
      return changed;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  Assessed type(MigrationConfig.Type other) {
    return with(changed -> changed.type = other);
  }

  Assessed mode(Mode other) {
    return with(changed -> changed.mode = other);
  }

  Assessed fence(Fence other) {
    return with(changed -> changed.fence = other);
  }

  /** With a fence by these roles. */
  Assessed roles(String... names) {
    return fence(Fence.ROLES).with(changed -> changed.roles = List.of(names));
  }

  Assessed reversing() {
    return with(changed -> changed.reverse = Reverse.ON);
  }

  Assessed slot(String name) {
    return with(changed -> changed.slot = Optional.of(name));
  }

  Assessed recopyLimit(long bytes) {
    return with(changed -> changed.recopyLimit = bytes);
  }

  Assessed workers(int number) {
    return with(changed -> changed.workers = number);
  }

  Assessed withOurSlotAndPublication() {
    return with(changed -> changed.ours = true);
  }

  Assessed alreadyBegun() {
    return with(changed -> changed.begun = true);
  }

  Endpoint source() {
    return source;
  }

  Endpoint target() {
    return target;
  }

  Assessed source(UnaryOperator<Endpoint> change) {
    return with(changed -> changed.source = change.apply(changed.source));
  }

  Assessed target(UnaryOperator<Endpoint> change) {
    return with(changed -> changed.target = change.apply(changed.target));
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
    return Assessment.run(context()).report();
  }

  /** What one check finds. */
  List<Finding> by(Check check) throws SQLException {
    return Assessment.run(context(), List.of(check)).report().findings();
  }

  AssessmentContext context() throws SQLException {
    return new AssessmentContext(
        new Database(source, "test"),
        new Database(target, "test"),
        config(),
        objects(),
        new AssessmentContext.Replication(
            List.of(slot.orElse("pgportage_test")),
            ours ? Set.of(slot.orElse("pgportage_test")) : Set.of(),
            List.of("pgportage_test"),
            ours ? Set.of("pgportage_test") : Set.of()),
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
