package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.ObjectShape;
import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.Quoting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The statements for everything but tables that the dump has no entry for: drops, renames, labels
 * of enums, options of sequences. Used once.
 */
final class ObjectAlteration {
  private static final Pattern LABELS = Pattern.compile("'(?:[^']|'')*'");

  /** What others may hang on is dropped after them. */
  private static final List<String> DROP_ORDER =
      List.of(
          "FOREIGN KEY",
          "POLICY",
          "RULE",
          "TRIGGER",
          "MATERIALIZED VIEW",
          "VIEW",
          "STATISTICS",
          "CHECK",
          "CONSTRAINT",
          "INDEX",
          "SEQUENCE",
          "AGGREGATE",
          "FUNCTION",
          "PROCEDURE",
          "DOMAIN",
          "TYPE",
          "ENUM",
          "EXTENSION",
          "SCHEMA");

  private static final Set<String> OF_TABLES =
      Set.of("FOREIGN KEY", "CHECK", "CONSTRAINT", "TRIGGER", "RULE", "POLICY");

  private static final Set<String> CONSTRAINTS = Set.of("FOREIGN KEY", "CHECK", "CONSTRAINT");

  /** What a column, a default or a body may need until the tables have been altered. */
  private static final Set<String> DROPPED_LATE =
      Set.of(
          "SEQUENCE",
          "AGGREGATE",
          "FUNCTION",
          "PROCEDURE",
          "DOMAIN",
          "TYPE",
          "ENUM",
          "EXTENSION",
          "SCHEMA");

  private final Shape then;
  private final TableMatch tables;
  private final ObjectDifferences objects;
  private final List<Statement> early = new ArrayList<>();
  private final List<Statement> late = new ArrayList<>();
  private final Set<String> remade = new HashSet<>();
  private final List<String> obstacles = new ArrayList<>();

  ObjectAlteration(Shape then, TableMatch tables, ObjectDifferences objects) {
    this.then = then;
    this.tables = tables;
    this.objects = objects;
    drops();
    objects.changed().stream().filter(this::concerns).forEach(this::change);
    objects.made().forEach(object -> remade.add(item(object)));
  }

  /** Before anything is made. */
  List<Statement> early() {
    return early;
  }

  /** After everything was made. */
  List<Statement> late() {
    return late;
  }

  /** Kinds and names of entries of the dump that have to be made, whatever was made before. */
  Set<String> remade() {
    return remade;
  }

  /** What no statement reconciles. */
  List<String> obstacles() {
    return obstacles;
  }

  /** What could refuse rows of the source and is gone there, and new labels; for any time. */
  static List<Statement> loosening(Shape then, TableMatch tables, ObjectDifferences objects) {
    var statements = new ArrayList<Statement>();
    objects.gone().stream()
        .filter(ObjectAlteration::mayRefuseRows)
        .filter(object -> !object.child() && tables.kept(object.table()).isPresent())
        .sorted(Comparator.comparingInt(o -> DROP_ORDER.indexOf(o.type())))
        .forEach(object -> statements.add(drop(then, object)));
    for (ObjectDifferences.Changed changed : objects.changed()) {
      if (changed.then().type().equals("ENUM")) {
        labels(changed).ifPresent(statements::addAll);
      }
    }
    return statements;
  }

  static boolean mayRefuseRows(ObjectShape object) {
    return CONSTRAINTS.contains(object.type())
        || (object.type().equals("INDEX") && object.definition().startsWith("CREATE UNIQUE"));
  }

  /** The kind of the dump's entry and its name. */
  static String item(ObjectShape object) {
    return switch (object.type()) {
          case "FOREIGN KEY" -> "FK CONSTRAINT";
          case "CHECK" -> "CHECK CONSTRAINT";
          case "ENUM" -> "TYPE";
          default -> object.type();
        }
        + " "
        + object.item();
  }

  private boolean concerns(ObjectDifferences.Changed changed) {
    return !changed.now().child() && isKept(changed.now());
  }

  private boolean isKept(ObjectShape object) {
    return object.table() == 0 || tables.kept(object.table()).isPresent();
  }

  private void drops() {
    Set<String> taken = new HashSet<>();
    objects.made().forEach(object -> taken.add(object.label()));
    objects.gone().stream()
        .filter(object -> !object.child() && isKept(object))
        .sorted(
            Comparator.<ObjectShape>comparingInt(o -> DROP_ORDER.indexOf(o.type()))
                .thenComparing(Comparator.comparingLong(ObjectShape::oid).reversed()))
        .forEach(
            object -> {
              boolean waits =
                  DROPPED_LATE.contains(object.type()) && !taken.contains(object.label());
              (waits ? late : early).add(drop(then, object));
            });
  }

  private static Statement drop(Shape then, ObjectShape object) {
    String name = Quoting.identifier(object.name());
    String type = object.type().equals("ENUM") ? "TYPE" : object.type();
    String sql;
    if (CONSTRAINTS.contains(type)) {
      sql = "ALTER TABLE " + tableOf(then, object) + " DROP CONSTRAINT IF EXISTS " + name;
    } else if (OF_TABLES.contains(type)) {
      sql = "DROP " + type + " IF EXISTS " + name + " ON " + tableOf(then, object);
    } else {
      sql = "DROP " + type + " IF EXISTS " + object.identity();
    }
    return new Statement("DROP " + type, object.identity(), sql + ";");
  }

  private static String tableOf(Shape shape, ObjectShape object) {
    return shape.tables().stream()
        .filter(table -> table.oid() == object.table())
        .map(TableShape::name)
        .findFirst()
        .orElseThrow()
        .sql();
  }

  private void change(ObjectDifferences.Changed changed) {
    ObjectShape was = changed.then();
    ObjectShape is = changed.now();
    if (!was.name().equals(is.name())) {
      early.add(new Statement("RENAME " + was.type(), was.identity(), rename(was, is)));
    } else if (was.table() == 0 && !was.item().equals(is.item())) {
      obstacles.add(was.type() + " " + was.identity() + " has become " + is.identity());
    }
    if (was.definition().equals(is.definition())) {
      return;
    }
    switch (is.type()) {
      case "VIEW", "FUNCTION", "PROCEDURE" -> {} // The dump's entries tell, and replace.
      case "POLICY" -> {} // Made when the target opens.
      case "ENUM" ->
          labels(changed)
              .ifPresentOrElse(
                  early::addAll,
                  () -> obstacles.add("labels of " + is.identity() + " were put in another order"));
      case "SEQUENCE" ->
          late.add(
              new Statement(
                  "ALTER SEQUENCE",
                  is.identity(),
                  "ALTER SEQUENCE IF EXISTS " + is.identity() + " " + is.definition() + ";"));
      case "DOMAIN", "TYPE" ->
          obstacles.add(
              is.type()
                  + " "
                  + is.identity()
                  + " was "
                  + was.definition()
                  + ", is "
                  + is.definition());
      default -> redefine(changed);
    }
  }

  private void redefine(ObjectDifferences.Changed changed) {
    ObjectShape was = changed.then();
    ObjectShape is = changed.now();
    if (was.definition().equals(is.definition() + " NOT VALID")) {
      late.add(
          new Statement(
              "VALIDATE",
              is.identity(),
              "ALTER TABLE %s VALIDATE CONSTRAINT %s;"
                  .formatted(nowTable(is), Quoting.identifier(is.name()))));
    } else if (!tables.textsFollow()) {
      early.add(drop(then, was));
      remade.add(item(is));
    }
  }

  private String nowTable(ObjectShape object) {
    return tables.kept(object.table()).orElseThrow().now().name().sql();
  }

  private String rename(ObjectShape was, ObjectShape is) {
    String to = Quoting.identifier(is.name());
    String from = Quoting.identifier(was.name());
    if (CONSTRAINTS.contains(was.type())) {
      return "ALTER TABLE " + tableOf(then, was) + " RENAME CONSTRAINT " + from + " TO " + to + ";";
    }
    if (OF_TABLES.contains(was.type())) {
      return "ALTER %s %s ON %s RENAME TO %s;".formatted(was.type(), from, tableOf(then, was), to);
    }
    String type = was.type().equals("ENUM") ? "TYPE" : was.type();
    return "ALTER " + type + " " + was.identity() + " RENAME TO " + to + ";";
  }

  /** The labels an enum got; empty if it was changed in another way than labels can be. */
  private static Optional<List<Statement>> labels(ObjectDifferences.Changed changed) {
    List<String> was = labels(changed.then());
    List<String> is = labels(changed.now());
    String type = changed.then().identity();
    var statements = new ArrayList<Statement>();
    if (was.size() == is.size()) {
      for (int i = 0; i < is.size(); i++) {
        if (!was.get(i).equals(is.get(i))) {
          if (was.contains(is.get(i))) {
            return Optional.empty();
          }
          statements.add(
              new Statement(
                  "ALTER TYPE",
                  type,
                  "ALTER TYPE " + type + " RENAME VALUE " + was.get(i) + " TO " + is.get(i) + ";"));
        }
      }
      return Optional.of(statements);
    }
    if (!is.stream().filter(was::contains).toList().equals(was)) {
      return Optional.empty();
    }
    for (int i = is.size() - 1; i >= 0; i--) {
      if (!was.contains(is.get(i))) {
        String place = i + 1 < is.size() ? " BEFORE " + is.get(i + 1) : "";
        statements.add(
            new Statement(
                "ALTER TYPE",
                type,
                "ALTER TYPE " + type + " ADD VALUE IF NOT EXISTS " + is.get(i) + place + ";"));
      }
    }
    return Optional.of(statements);
  }

  private static List<String> labels(ObjectShape type) {
    return LABELS.matcher(type.definition()).results().map(r -> r.group()).toList();
  }

  /** The entries of the dump that objects had under former names: now → then. */
  static void formerItems(ObjectDifferences objects, Map<String, String> names) {
    for (ObjectDifferences.Changed changed : objects.changed()) {
      if (!changed.then().item().equals(changed.now().item())) {
        names.put(item(changed.now()), item(changed.then()));
      }
    }
  }
}
