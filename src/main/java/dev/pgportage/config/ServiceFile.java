package dev.pgportage.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file of named sets of connection parameters, as in the PostgreSQL manual, "The Connection
 * Service File".
 */
final class ServiceFile {
  private ServiceFile() {}

  /** The places libpq looks in: PGSERVICEFILE or the home directory, then PGSYSCONFDIR. */
  static Stream<Path> places(Environment environment) {
    Path own =
        environment
            .variable("PGSERVICEFILE")
            .map(Path::of)
            .orElse(environment.home().resolve(".pg_service.conf"));
    Optional<Path> shared =
        environment.variable("PGSYSCONFDIR").map(dir -> Path.of(dir, "pg_service.conf"));
    return Stream.concat(Stream.of(own), shared.stream());
  }

  /** The parameters of a service, if a file has it. */
  static Optional<Map<String, String>> find(String name, Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, String> found = new LinkedHashMap<>();
    boolean inside = false;
    for (String raw : Files.readAllLines(file)) {
      String line = raw.strip();
      if (line.startsWith("[")) {
        if (inside) {
          break;
        }
        inside = line.equals("[" + name + "]");
      } else if (inside && !line.isEmpty() && !line.startsWith("#")) {
        int equals = line.indexOf('=');
        if (equals < 1) {
          throw new IOException("a line of service " + name + " is not key=value");
        }
        found.putIfAbsent(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    }
    return inside ? Optional.of(found) : Optional.empty();
  }
}
