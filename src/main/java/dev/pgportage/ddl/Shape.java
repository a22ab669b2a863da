package dev.pgportage.ddl;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the source looked at one moment: the tables of the migration and everything else of its
 * schemas, each with the OID it can be recognised by after a rename. Kept as JSON.
 *
 * @param tables the tables of the object set
 * @param objects constraints, indexes, views, functions, types and all else
 */
public record Shape(List<TableShape> tables, List<ObjectShape> objects) {
  /** Copies the lists. */
  public Shape {
    tables = List.copyOf(tables);
    objects = List.copyOf(objects);
  }

  /**
   * A table.
   *
   * @param oid its OID
   * @param name its name
   * @param partitioned whether it has partitions instead of rows
   * @param file the file that holds its rows: another one after each rewrite
   * @param parent the table it is a partition of, or inherits from
   * @param bound which rows it takes as a partition
   * @param unlogged whether it is left out of the WAL
   * @param options its storage parameters
   * @param properties what no ALTER changes: kind, partition key
   * @param security row security, as a text
   * @param identity its replica identity, as ALTER TABLE names it
   * @param columnsEver how many columns it ever had
   * @param columns its columns in their order
   */
  public record TableShape(
      long oid,
      QualifiedName name,
      boolean partitioned,
      long file,
      Optional<QualifiedName> parent,
      Optional<String> bound,
      boolean unlogged,
      List<String> options,
      String properties,
      String security,
      String identity,
      int columnsEver,
      List<ColumnShape> columns) {
    /** Copies the lists. */
    public TableShape {
      options = List.copyOf(options);
      columns = List.copyOf(columns);
    }

    Optional<ColumnShape> column(int number) {
      return columns.stream().filter(column -> column.number == number).findFirst();
    }

    Optional<ColumnShape> column(String column) {
      return columns.stream().filter(c -> c.name.equals(column)).findFirst();
    }

    TableShape withColumns(List<ColumnShape> others) {
      return new TableShape(
          oid,
          name,
          partitioned,
          file,
          parent,
          bound,
          unlogged,
          options,
          properties,
          security,
          identity,
          columnsEver,
          others);
    }

    /** Everything but columns and how it lies on disk, as a text. */
    String describe() {
      return String.join(
              " ",
              properties,
              parent.map(p -> "of " + p).orElse(""),
              bound.orElse(""),
              unlogged ? "unlogged" : "",
              options.isEmpty() ? "" : options.toString(),
              security,
              "replica identity " + identity)
          .replaceAll(" +", " ");
    }

    /** The names of the columns that are sent. */
    List<String> sentNames() {
      return columns.stream()
          .filter(column -> column.generated.isEmpty())
          .map(ColumnShape::name)
          .toList();
    }

    /** The types of the columns that are sent. */
    List<String> sentTypes() {
      return columns.stream()
          .filter(column -> column.generated.isEmpty())
          .map(ColumnShape::type)
          .toList();
    }
  }

  /**
   * A column.
   *
   * @param number its number, which a rename does not change and no later column gets
   * @param name its name
   * @param type its type with modifier
   * @param notNull whether it refuses NULL
   * @param defaultSql its default, or the expression it is computed by
   * @param identity {@code a}, {@code d} or nothing
   * @param generated {@code s}, {@code v} or nothing
   * @param collation its collation if that is not the type's
   * @param version changes with each change of its definition
   * @param missing the value that rows written before it was added have in it, as text
   * @param unreadable whether there is such a value that text does not tell for certain
   * @param inherited whether it comes and goes with a parent table's
   */
  public record ColumnShape(
      int number,
      String name,
      String type,
      boolean notNull,
      Optional<String> defaultSql,
      String identity,
      String generated,
      Optional<String> collation,
      String version,
      Optional<String> missing,
      boolean unreadable,
      boolean inherited) {
    /** What is told of it. */
    String text() {
      return Stream.of(
              Quoting.identifierIfNeeded(name),
              type,
              notNull ? "not null" : "",
              defaultSql.map(sql -> (generated.isEmpty() ? "default " : "as ") + sql).orElse(""),
              identity.isEmpty() ? "" : "identity",
              collation.orElse(""))
          .filter(part -> !part.isEmpty())
          .collect(Collectors.joining(" "));
    }

    /** The column without NOT NULL. */
    ColumnShape nullable() {
      return with(false, defaultSql, identity);
    }

    /** The column as to name and type, otherwise as it was; a new one refuses nothing. */
    ColumnShape inNewForm(Optional<ColumnShape> former) {
      return with(
          former.map(f -> f.notNull && notNull).orElse(false),
          generated.isEmpty() ? former.flatMap(f -> f.defaultSql) : defaultSql,
          former.map(f -> f.identity).orElse(""));
    }

    private ColumnShape with(boolean refusesNull, Optional<String> other, String otherIdentity) {
      return new ColumnShape(
          number,
          name,
          type,
          refusesNull,
          other,
          otherIdentity,
          generated,
          collation,
          version,
          missing,
          unreadable,
          inherited);
    }

    /** Whether two readings of a column tell the same, but for how often it was changed. */
    boolean looksLike(ColumnShape other) {
      return name.equals(other.name)
          && type.equals(other.type)
          && notNull == other.notNull
          && defaultSql.equals(other.defaultSql)
          && identity.equals(other.identity)
          && generated.equals(other.generated)
          && collation.equals(other.collation);
    }
  }

  /**
   * Anything but a table.
   *
   * @param oid its OID
   * @param type what it is, as DROP names it: {@code INDEX}, {@code FOREIGN KEY}
   * @param identity its name as SQL
   * @param name its own name, without schema and table
   * @param item its name as the plan of the schema tells it
   * @param table the OID of the table it is part of, or 0
   * @param child whether it comes and goes with the like of a parent table
   * @param definition how it is defined
   */
  public record ObjectShape(
      long oid,
      String type,
      String identity,
      String name,
      String item,
      long table,
      boolean child,
      String definition) {
    /** The same object with another's definition. */
    ObjectShape with(ObjectShape other) {
      return new ObjectShape(oid, type, identity, name, item, table, child, other.definition);
    }

    /** Type and name. */
    @JsonIgnore
    String label() {
      return type + " " + identity;
    }
  }

  Optional<TableShape> table(QualifiedName name) {
    return tables.stream().filter(table -> table.name.equals(name)).findFirst();
  }

  /** The same table in this reading: by its OID, or one of its name that was made in its place. */
  Optional<TableShape> same(TableShape other) {
    return tables.stream()
        .filter(table -> table.oid == other.oid)
        .findFirst()
        .or(() -> table(other.name));
  }

  /** A digest of everything that statements can bring about. */
  public String digest() {
    var text = new StringBuilder();
    tables.stream()
        .sorted(Comparator.comparingLong(TableShape::oid))
        .forEach(
            t -> {
              text.append(t.oid).append(t.name.sql()).append(t.describe()).append('\n');
              t.columns.forEach(c -> text.append(c.number).append(c.text()).append('\n'));
            });
    objects.stream()
        .sorted(Comparator.comparing(ObjectShape::label).thenComparingLong(ObjectShape::oid))
        .forEach(o -> text.append(o.oid).append(o.label()).append(o.definition).append('\n'));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "This Java knows no SHA-256", e);
    }
  }

  /** Whether two readings tell the same, but for how tables lie on disk. */
  public boolean looksLike(Shape other) {
    return changesSince(other).isEmpty();
  }

  /** What is otherwise than in an earlier reading, a line each. */
  public List<String> changesSince(Shape then) {
    var lines = new ArrayList<String>();
    for (TableShape table : tables) {
      Optional<TableShape> former = then.same(table);
      if (former.isEmpty()) {
        lines.add("table " + table.name + " is new");
      } else {
        TableDifference.between(former.get(), table).describe(lines);
      }
    }
    for (TableShape former : then.tables) {
      if (same(former).isEmpty()) {
        lines.add("table " + former.name + " is gone");
      }
    }
    new ObjectDifferences(then, this).describe(lines);
    return lines;
  }
}
