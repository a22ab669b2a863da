package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PgBouncer's configuration: finds a database's line in its section {@code [databases]}, also in
 * files it includes, and leads it elsewhere. All other text stays as it is. Source: pgbouncer.ini's
 * manual page, "Section [databases]".
 */
final class PgBouncerFile {
  private static final Pattern SECTION = Pattern.compile("\\s*\\[(\\w+)]\\s*");
  private static final Pattern INCLUDE = Pattern.compile("\\s*%include\\s+(.+?)\\s*");
  private static final Pattern LINE =
      Pattern.compile("(\\s*(?:\"((?:[^\"]|\"\")*)\"|([^\\s=;#\"]+))\\s*=\\s*)(.*?)(\\s*)");
  private static final Pattern PARAMETER =
      Pattern.compile("(\\w+)\\s*=\\s*('(?:[^']|'')*'|[^\\s']+)");

  private final Path main;
  private final String database;

  PgBouncerFile(Path main, String database) {
    this.main = main;
    this.database = database;
  }

  /** Where the database's line is, and what it says. */
  private record Found(Path file, int line, String start, String target) {}

  /**
   * The connection string of the database's line.
   *
   * @throws MigrationException HOOK_FAILED if there is none, or it cannot be read or written
   */
  String entry() {
    Found found = find();
    if (!Files.isWritable(found.file)) {
      throw failure(found.file + " cannot be written", null);
    }
    return found.target;
  }

  /** The same connection string, leading to another server. */
  static String leading(String entry, Endpoint to) {
    var wanted = new TreeMap<String, String>();
    wanted.put("host", to.host());
    wanted.put("port", Integer.toString(to.port()));
    wanted.put("dbname", to.database());
    var text = new StringBuilder();
    Matcher matcher = PARAMETER.matcher(entry);
    while (matcher.find()) {
      String name = matcher.group(1).toLowerCase(Locale.ROOT);
      String value = wanted.remove(name);
      text.append(name).append('=');
      text.append(value == null ? matcher.group(2) : quoted(value)).append(' ');
    }
    for (Map.Entry<String, String> left : wanted.entrySet()) {
      text.append(left.getKey()).append('=').append(quoted(left.getValue())).append(' ');
    }
    return text.toString().strip();
  }

  private static String quoted(String value) {
    return value.matches("[\\w.:/-]+") ? value : "'" + value.replace("'", "''") + "'";
  }

  /** Replaces the connection string, so that a reader sees the former file or the new one. */
  void write(String entry) {
    Found found = find();
    try {
      String text = Files.readString(found.file, StandardCharsets.UTF_8);
      List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
      lines.set(found.line, found.start + entry);
      replace(found.file.toRealPath(), String.join("\n", lines));
    } catch (IOException e) {
      throw failure(found.file + " cannot be written", e);
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path directory = Optional.ofNullable(file.getParent()).orElse(Path.of("."));
    if (!Files.isWritable(directory)) {
      Files.writeString(file, text, StandardCharsets.UTF_8);
      return;
    }
    Path fresh = Files.createTempFile(directory, ".pgbouncer", ".ini");
    try {
      Files.writeString(fresh, text, StandardCharsets.UTF_8);
      var former = Files.readAttributes(file, PosixFileAttributes.class);
      var view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
      if (!view.readAttributes().owner().equals(former.owner())) {
        view.setOwner(former.owner());
      }
      if (!view.readAttributes().group().equals(former.group())) {
        view.setGroup(former.group());
      }
      view.setPermissions(former.permissions());
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Not ours to give: the file is written in place, so that its owner can still read it.
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private Found find() {
    var found = new ArrayList<Found>();
    search(main, new String[] {""}, found, new HashSet<>());
    if (found.size() != 1) {
      throw failure(
          main
              + " has "
              + (found.isEmpty() ? "no line" : "several lines")
              + " for database "
              + database
              + " in [databases]",
          null);
    }
    return found.getFirst();
  }

  private void search(Path file, String[] section, List<Found> found, Set<Path> seen) {
    if (!seen.add(file.toAbsolutePath().normalize())) {
      return;
    }
    List<String> lines;
    try {
      lines = List.of(Files.readString(file, StandardCharsets.UTF_8).split("\n", -1));
    } catch (IOException e) {
      throw failure(file + " cannot be read", e);
    }
    for (int i = 0; i < lines.size(); i++) {
      Matcher include = INCLUDE.matcher(lines.get(i));
      Matcher head = SECTION.matcher(lines.get(i));
      Matcher line = LINE.matcher(lines.get(i));
      if (include.matches()) {
        search(file.resolveSibling(include.group(1)), section, found, seen);
      } else if (head.matches()) {
        section[0] = head.group(1).toLowerCase(Locale.ROOT);
      } else if (section[0].equals("databases") && line.matches() && database.equals(name(line))) {
        found.add(new Found(file, i, line.group(1), line.group(4)));
      }
    }
  }

  private static String name(Matcher line) {
    return line.group(2) == null ? line.group(3) : line.group(2).replace("\"\"", "\"");
  }

  private static MigrationException failure(
      String what, @org.jspecify.annotations.Nullable Throwable cause) {
    return new MigrationException(ErrorCode.HOOK_FAILED, "PgBouncer's " + what, cause);
  }
}
