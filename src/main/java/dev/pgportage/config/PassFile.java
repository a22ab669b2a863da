package dev.pgportage.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A file of {@code host:port:database:user:password} lines, as in the PostgreSQL manual, "The
 * Password File".
 */
final class PassFile {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);
  private static final int FIELDS = 5;

  private final Path path;

  PassFile(Path path) {
    this.path = path;
  }

  /** Why the file may not be used, if there is a reason; libpq's rules. */
  Optional<String> objection() {
    if (!Files.isRegularFile(path)) {
      return Optional.of("is not a plain file");
    }
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      permissions.retainAll(OTHERS);
      if (!permissions.isEmpty()) {
        return Optional.of("can be read by others than its owner: chmod 600 it");
      }
    } catch (UnsupportedOperationException e) {
      // A file system without such permissions, as on Windows: libpq does not look either.
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("cannot be read");
    }
    return Files.isReadable(path) ? Optional.empty() : Optional.of("cannot be read");
  }

  /** The password of the first line that matches. */
  Optional<String> find(String host, int port, String database, String user) throws IOException {
    List<String> wanted = List.of(host, String.valueOf(port), database, user);
    for (String line : Files.readAllLines(path)) {
      List<String> fields = line.startsWith("#") ? List.of() : fields(line);
      if (fields.size() == FIELDS && matches(fields, wanted)) {
        return Optional.of(fields.getLast()).filter(password -> !password.isEmpty());
      }
    }
    return Optional.empty();
  }

  private static boolean matches(List<String> fields, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      String field = fields.get(i);
      // A star is compared before its escapes are taken away: "\*" means the character itself.
      if (!field.equals("*") && !unescaped(field).equals(wanted.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> fields(String line) {
    var fields = new ArrayList<String>();
    var field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        field.append(c).append(line.charAt(++i));
      } else if (c == ':' && fields.size() < FIELDS - 1) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(fields.size() == FIELDS - 1 ? unescaped(field.toString()) : field.toString());
    return fields;
  }

  private static String unescaped(String field) {
    return field.replaceAll("(?s)\\\\(.)", "$1");
  }
}
