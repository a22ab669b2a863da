package dev.pgportage.load;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.Table;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The two statements that carry a chunk.
 *
 * <p>Column lists are explicit, generated columns left out. A table without written columns has no
 * list to give: its rows travel as empty lines. {@code ONLY} keeps children out of a parent's rows.
 *
 * @param out on the source
 * @param in on the target
 */
record CopyStatements(String out, String in) {
  /**
   * The same, its rows frozen as they come: no later VACUUM writes them again. Only for a table
   * that the transaction at hand has emptied.
   */
  CopyStatements frozen() {
    return new CopyStatements(out, in.substring(0, in.length() - 1) + ", FREEZE)");
  }

  /**
   * The rows of a table, called {@code t}, on the pages of some chunks.
   *
   * @param join what they are joined to
   */
  static CopyStatements joined(Table table, String join, List<Chunk> chunks, CopyFormat format) {
    List<String> names = table.writtenColumnNames();
    String name = table.name().sql();
    String options = " (FORMAT " + format.name().toLowerCase(Locale.ROOT) + ")";
    String columns =
        names.stream().map(c -> "t." + Quoting.identifier(c)).collect(Collectors.joining(", "));
    String pages =
        chunks.stream()
            .map(chunk -> "(" + chunk.condition("t.ctid").orElse("true") + ")")
            .collect(Collectors.joining(" OR "));
    return new CopyStatements(
        "COPY (SELECT %s FROM ONLY %s AS t JOIN %s WHERE %s) TO STDOUT%s"
            .formatted(columns, name, join, pages, options),
        "COPY " + name + " (" + Quoting.identifiers(names) + ") FROM STDIN" + options);
  }

  static CopyStatements of(Table table, Chunk chunk, CopyFormat format) {
    List<String> names = table.writtenColumnNames();
    String name = table.name().sql();
    String columns = Quoting.identifiers(names);
    String list = names.isEmpty() ? "" : " (" + columns + ")";
    String options = " (FORMAT " + format.name().toLowerCase(Locale.ROOT) + ")";
    // Naming the table rather than a query spares the executor where the whole table is wanted.
    String rows =
        chunk.isWhole() && !names.isEmpty()
            ? name + list
            : "(SELECT "
                + columns
                + " FROM ONLY "
                + name
                + chunk.condition().map(condition -> " WHERE " + condition).orElse("")
                + ")";
    return new CopyStatements(
        "COPY " + rows + " TO STDOUT" + options, "COPY " + name + list + " FROM STDIN" + options);
  }
}
