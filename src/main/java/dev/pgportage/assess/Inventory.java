package dev.pgportage.assess;

import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet.Member;
import dev.pgportage.schema.ObjectSet.Replication;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.schema.Table;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What would be migrated.
 *
 * @param source the server the rows come from
 * @param target the server they go to
 * @param tables the tables of the migration, in order of name
 * @param sequences the sequences' names
 * @param extensions the source's extensions with their versions
 * @param largeObjects how many large objects are carried
 * @param rows the planner's estimate of all rows
 * @param bytes size on disk of all rows, without indexes
 * @param schema objects of the schema that are left out, deferred, rewritten or blocked; empty if
 *     the schema was not planned
 */
public record Inventory(
    Server source,
    Server target,
    List<Item> tables,
    List<String> sequences,
    List<String> extensions,
    long largeObjects,
    long rows,
    long bytes,
    List<Planned> schema) {

  /** Copies the lists. */
  public Inventory {
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
    extensions = List.copyOf(extensions);
    schema = List.copyOf(schema);
  }

  /**
   * An object of the schema that is not simply made as it is.
   *
   * @param object kind and name, in pg_dump's words
   * @param decision what is done with it
   * @param stage when
   * @param reason why
   */
  public record Planned(
      String object, SchemaItem.Decision decision, SchemaItem.Stage stage, String reason) {}

  /**
   * A server.
   *
   * @param endpoint where, without the password
   * @param role {@code current_user}
   * @param provider whose server it is; PostgreSQL if that is not known
   * @param version such as 15.18
   * @param encoding the database's
   * @param databaseBytes the whole database's size on disk
   */
  public record Server(
      String endpoint,
      String role,
      String provider,
      String version,
      String encoding,
      long databaseBytes) {}

  /**
   * A table.
   *
   * @param name as people write it
   * @param kind what it is
   * @param replication how its rows travel
   * @param key the columns by which rows are told apart; empty if nothing tells them apart
   * @param columns how many columns it has
   * @param rows the planner's estimate; negative if unknown
   * @param bytes size on disk, without indexes
   */
  public record Item(
      String name,
      Table.Kind kind,
      Replication replication,
      List<String> key,
      int columns,
      long rows,
      long bytes) {
    /** Copies the list. */
    public Item {
      key = List.copyOf(key);
    }
  }

  static Inventory of(Subjects subjects, AssessmentContext context) throws SQLException {
    Session source = subjects.source();
    List<Item> tables = context.objects().tables().stream().map(Inventory::itemOf).toList();
    return new Inventory(
        serverOf(source),
        serverOf(subjects.target()),
        tables,
        context.objects().sequences().stream().map(sequence -> sequence.name().toString()).toList(),
        Sql.query(
            source.connection(),
            "SELECT extname || ' ' || extversion FROM pg_extension ORDER BY extname",
            row -> row.getString(1)),
        context.objects().largeObjects()
            ? ReadingChecks.LargeObjects.of(source.connection()).count()
            : 0,
        tables.stream().mapToLong(table -> Math.max(0, table.rows())).sum(),
        tables.stream().mapToLong(Item::bytes).sum(),
        plannedOf(subjects.schemaDraftIfBegun()));
  }

  private static List<Planned> plannedOf(Optional<SchemaDraft> draft) {
    return draft.flatMap(SchemaDraft::plan).map(SchemaChecks::notable).orElse(List.of()).stream()
        .map(item -> new Planned(item.toString(), item.decision(), item.stage(), item.reason()))
        .toList();
  }

  private static Item itemOf(Member member) {
    Table table = member.table();
    return new Item(
        table.name().toString(),
        table.kind(),
        member.replication(),
        table.key().map(Table.Key::columns).orElse(List.of()),
        table.columns().size(),
        (long) table.estimatedRows(),
        table.bytes());
  }

  private static Server serverOf(Session session) throws SQLException {
    Endpoint endpoint = session.database().endpoint();
    return Sql.queryFirst(
            session.connection(),
            """
            SELECT pg_encoding_to_char(encoding), pg_database_size(oid)
            FROM pg_database WHERE datname = current_database()
            """,
            row ->
                new Server(
                    endpoint.toString(),
                    session.role(),
                    session.profile().title(),
                    session.version().toString(),
                    row.getString(1),
                    row.getLong(2)))
        .orElseThrow();
  }
}
