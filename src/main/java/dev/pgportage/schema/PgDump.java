package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.ServerVersion;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The pg_dump program of this machine.
 *
 * @param program its path
 * @param major the major version it says it is of
 */
record PgDump(Path program, int major) {
  /** What libpq says when a server restarts, or the way to it is cut: it may pass. */
  private static final Pattern OF_THE_CONNECTION =
      Pattern.compile(
          "server closed the connection|terminating connection|the database system is"
              + "|Connection reset|Connection refused|Connection timed out|could not receive data"
              + "|could not send data|invalid snapshot identifier|no connection to the server"
              + "|snapshot .* does not exist");

  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");
  private static final List<String> USUAL_PLACES =
      List.of(
          "/usr/lib/postgresql/*/bin",
          "/usr/pgsql-*/bin",
          "/opt/homebrew/opt/postgresql@*/bin",
          "/opt/homebrew/opt/libpq/bin",
          "/usr/local/opt/postgresql@*/bin",
          "/usr/local/opt/libpq/bin",
          "/Applications/Postgres.app/Contents/Versions/*/bin");
  private static final List<String> ROOT_CERTIFICATES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/cert.pem");
  private static final int KNOWS_SYSTEM_CERTIFICATES = 16;

  /**
   * Finds a pg_dump that can read a server: in PGPORTAGE_PG_BIN alone if it is set, otherwise on
   * the PATH, then in the usual directories, the newest first.
   *
   * @throws MigrationException PG_DUMP_MISSING or PG_DUMP_TOO_OLD
   */
  static PgDump find(Map<String, String> environment, ServerVersion server) {
    return candidates(environment)
        .filter(program -> program.major >= server.major())
        .findFirst()
        .orElseThrow(() -> unfit(environment, server));
  }

  private static MigrationException unfit(Map<String, String> environment, ServerVersion server) {
    Optional<PgDump> first = candidates(environment).findFirst();
    if (first.isPresent()) {
      return tooOld(first.get(), server);
    }
    String given = environment.get("PGPORTAGE_PG_BIN");
    return new MigrationException(
        ErrorCode.PG_DUMP_MISSING,
        given == null
            ? "pg_dump is not on the PATH nor in the usual directories"
            : "PGPORTAGE_PG_BIN names " + given + ", and there is no pg_dump");
  }

  private static MigrationException tooOld(PgDump newest, ServerVersion server) {
    return new MigrationException(
        ErrorCode.PG_DUMP_TOO_OLD,
        newest.program
            + " is of version "
            + newest.major
            + ", the source runs "
            + server
            + ", and an older pg_dump refuses a newer server");
  }

  /** One by one: each is started to be asked for its version, and often a script of the system. */
  private static Stream<PgDump> candidates(Map<String, String> environment) {
    String given = environment.get("PGPORTAGE_PG_BIN");
    if (given != null) {
      return in(Path.of(given)).stream();
    }
    String path = environment.getOrDefault("PATH", "");
    Stream<PgDump> onPath =
        Arrays.stream(path.split(Pattern.quote(File.pathSeparator), -1))
            .filter(directory -> !directory.isEmpty())
            .flatMap(directory -> in(Path.of(directory)).stream());
    Stream<PgDump> usual =
        USUAL_PLACES.stream()
            .flatMap(place -> directories(place).stream())
            .flatMap(directory -> in(directory).stream())
            .sorted(Comparator.comparingInt(PgDump::major).reversed());
    return Stream.concat(onPath, usual);
  }

  private static List<Path> directories(String place) {
    int star = place.indexOf('*');
    if (star < 0) {
      return List.of(Path.of(place));
    }
    int before = place.lastIndexOf('/', star);
    int after = place.indexOf('/', star);
    Path parent = Path.of(place.substring(0, before));
    var result = new ArrayList<Path>();
    if (Files.isDirectory(parent)) {
      try (DirectoryStream<Path> children =
          Files.newDirectoryStream(parent, place.substring(before + 1, after))) {
        children.forEach(child -> result.add(child.resolve(place.substring(after + 1))));
      } catch (IOException e) {
        return List.of();
      }
    }
    return result;
  }

  private static Optional<PgDump> in(Path directory) {
    Path program = directory.resolve("pg_dump");
    if (!Files.isExecutable(program)) {
      return Optional.empty();
    }
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher matcher = VERSION.matcher(answer);
      return process.waitFor() == 0 && matcher.find()
          ? Optional.of(new PgDump(program, Integer.parseInt(matcher.group(1))))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Dumps the schema in custom format.
   *
   * @param snapshot an exported snapshot of the source, so that the dump and the caller's own
   *     queries speak of one moment
   * @param leftOut relations the role may not lock, quoted: they are left out of the dump
   */
  byte[] dump(Endpoint source, String snapshot, List<String> leftOut) {
    try {
      Path directory = Files.createTempDirectory("pgportage-dump");
      Path archive = directory.resolve("schema.dump");
      Path errors = directory.resolve("errors");
      try {
        int status = run(source, command(archive, snapshot, leftOut), errors);
        if (status != 0) {
          String said = told(errors);
          throw new MigrationException(
              OF_THE_CONNECTION.matcher(said).find()
                  ? ErrorCode.CONNECTION_LOST
                  : ErrorCode.PG_DUMP_FAILED,
              "pg_dump of " + source + " ended with status " + status + ": " + said);
        }
        return Files.readAllBytes(archive);
      } finally {
        Files.deleteIfExists(archive);
        Files.deleteIfExists(errors);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.PG_DUMP_FAILED, "Running " + program + ": " + e.getMessage(), e);
    }
  }

  private List<String> command(Path archive, String snapshot, List<String> leftOut) {
    var command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--format=custom",
                "--schema-only",
                "--compress=0",
                "--encoding=UTF8",
                "--quote-all-identifiers",
                "--no-subscriptions",
                "--no-password",
                "--lock-wait-timeout=60s",
                "--snapshot=" + snapshot,
                "--file=" + archive));
    leftOut.forEach(relation -> command.add("--exclude-table=" + relation));
    return command;
  }

  private int run(Endpoint source, List<String> command, Path errors) throws IOException {
    var builder =
        new ProcessBuilder(command)
            .redirectError(errors.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    setEnvironment(builder.environment(), source);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      return process.waitFor();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      process.destroy();
    }
  }

  /** Everything the program needs to connect goes by environment: a command line can be read. */
  private void setEnvironment(Map<String, String> environment, Endpoint source) {
    environment.keySet().removeIf(name -> name.startsWith("PG"));
    environment.put("LC_ALL", "C");
    environment.put("PGHOST", source.host().replaceAll("^\\[(.*)]$", "$1"));
    environment.put("PGPORT", Integer.toString(source.port()));
    environment.put("PGDATABASE", source.database());
    environment.put("PGUSER", source.user());
    if (source.password() != null) {
      environment.put("PGPASSWORD", source.password().reveal());
    }
    environment.put("PGPASSFILE", File.separatorChar == '/' ? "/dev/null" : "NUL");
    environment.put("PGAPPNAME", "pgportage pg_dump");
    environment.put("PGGSSENCMODE", "disable");
    environment.put(
        "PGCONNECT_TIMEOUT", Long.toString(Math.max(2, source.connectTimeout().toSeconds())));
    setTls(environment, source.tls());
  }

  private void setTls(Map<String, String> environment, Endpoint.Tls tls) {
    environment.put("PGSSLMODE", tls.mode());
    String rootCert = tls.rootCert();
    Path usual = Path.of(System.getProperty("user.home", ""), ".postgresql", "root.crt");
    if (rootCert != null && !rootCert.equals("system")) {
      environment.put("PGSSLROOTCERT", rootCert);
    } else if (rootCert != null || (tls.mode().startsWith("verify") && !Files.exists(usual))) {
      environment.put("PGSSLROOTCERT", systemCertificates(tls.mode()));
    }
    if (tls.cert() != null) {
      environment.put("PGSSLCERT", tls.cert());
    }
    if (tls.key() != null) {
      environment.put("PGSSLKEY", tls.key());
    }
    if (tls.direct()) {
      environment.put("PGSSLNEGOTIATION", "direct");
    }
  }

  /**
   * Before version 16 libpq has no word for the platform's certificates, only file names; since
   * then it accepts the word with {@code verify-full} alone.
   */
  private String systemCertificates(String mode) {
    return major >= KNOWS_SYSTEM_CERTIFICATES && mode.equals("verify-full")
        ? "system"
        : ROOT_CERTIFICATES.stream()
            .filter(file -> Files.isReadable(Path.of(file)))
            .findFirst()
            .orElseThrow(
                () ->
                    new MigrationException(
                        ErrorCode.TLS_FAILED,
                        "pg_dump "
                            + major
                            + " needs a file of trusted certificates; name one with sslrootcert"));
  }

  private static String told(Path errors) throws IOException {
    List<String> lines =
        Arrays.stream(Files.readString(errors).split("\n", -1))
            .filter(line -> !line.isBlank())
            .toList();
    return String.join("; ", lines.subList(Math.max(0, lines.size() - 4), lines.size()));
  }

  private static MigrationException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MigrationException(ErrorCode.INTERRUPTED, "Interrupted while pg_dump ran", e);
  }
}
