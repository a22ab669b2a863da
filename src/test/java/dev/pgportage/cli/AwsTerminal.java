package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.aws.FakeAws;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where somebody types {@code pgportage aws}: two databases, and an AWS of the tests' own. */
final class AwsTerminal implements AutoCloseable {
  /** What the migration is called, and what its stack is called after it. */
  static final String NAME = "shop_1";

  static final String STACK = "pgportage-shop-1";

  static final Map<String, String> PASSWORDS =
      Map.of(
          "PGPORTAGE_SOURCE_PASSWORD",
          TestDatabase.PASSWORD,
          "PGPORTAGE_TARGET_PASSWORD",
          TestDatabase.PASSWORD);

  final FakeAws aws = new FakeAws();
  final TestDatabase source;
  final TestDatabase target;
  private TestShell shell = new TestShell(false, PASSWORDS);

  AwsTerminal(TestDatabase source, TestDatabase target) {
    this.source = source;
    this.target = target;
    aws.network.subnet("subnet-a", "vpc-1", "eu-central-1a", "igw-1");
    aws.network.subnet("subnet-b", "vpc-1", "eu-central-1b", "igw-1");
  }

  /** What the last command printed. */
  String out() {
    return shell.out();
  }

  /** What it told besides. */
  String err() {
    return shell.err();
  }

  void succeeds(String command, String... options) {
    assertThat(run(command, options)).as(() -> shell.out() + shell.err()).isZero();
  }

  /** Runs a command on the stack; returns its exit status. */
  int run(String command, String... options) {
    shell = new TestShell(false, PASSWORDS);
    var line = new ArrayList<>(List.of("aws", command, "--name", NAME));
    line.addAll(List.of("--source", url(source), "--target", url(target)));
    line.addAll(List.of(options));
    int status = shell.run(line.toArray(String[]::new));
    assertThat(shell.out() + shell.err()).doesNotContain(TestDatabase.PASSWORD);
    return status;
  }

  void deploy(String... options) {
    var all = new ArrayList<>(List.of("--subnets", "subnet-a,subnet-b"));
    all.addAll(List.of("--email", "me@example.com", "--yes"));
    all.addAll(List.of(options));
    succeeds("deploy", all.toArray(String[]::new));
  }

  /** Whether the source refuses writes. */
  boolean isFenced() throws SQLException {
    return source.number(
            """
            SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
            WHERE datname = current_database()
              AND setconfig @> ARRAY['default_transaction_read_only=on']
            """)
        > 0;
  }

  /** What DMS and pgportage leave: slots, functions, tables, schemas, publications. */
  static long traces(TestDatabase database) throws SQLException {
    return database.number(
        """
        SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database())
          + (SELECT count(*) FROM pg_proc WHERE proname LIKE 'awsdms%')
          + (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'awsdms%')
          + (SELECT count(*) FROM pg_namespace WHERE nspname IN ('pgportage', 'awsdms_control'))
          + (SELECT count(*) FROM pg_publication)
        """);
  }

  private static String url(TestDatabase database) {
    return "postgresql://%s@127.0.0.1:%d/%s"
        .formatted(database.role(), database.server().port(), database.name());
  }

  @Override
  public void close() throws SQLException, IOException {
    aws.close();
    // Commands leave the migration's record where they were run.
    try (DirectoryStream<Path> reports =
        Files.newDirectoryStream(Path.of(""), "pgportage-" + NAME + "*.{html,json}")) {
      for (Path report : reports) {
        Files.delete(report);
      }
    }
    try (target) {
      source.close();
    }
  }
}
