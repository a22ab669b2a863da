package dev.pgportage.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.config.Problem.Place;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import dev.pgportage.pg.Side;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotBlank;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionUrlTest {
  private static final Place PLACE = new Place("migration.yaml", 3, 9);

  @TempDir Path home;
  private final Problems problems = new Problems();

  @Test
  void readsEveryPartOfUrl() {
    Endpoint endpoint =
        read(
            "postgres://u%40x:p%2Fw@Db.example.com:6543/my%20db?sslmode=verify-ca&connect_timeout=3");
    assertThat(endpoint)
        .isEqualTo(
            new Endpoint(
                Side.SOURCE,
                "Db.example.com",
                6543,
                "my db",
                "u@x",
                new Secret("p/w"),
                new Endpoint.Tls("verify-ca", null, null, null, false),
                Duration.ofSeconds(3)));
  }

  @Test
  void usesDefaultsWhereUrlIsSilent() {
    Endpoint endpoint = read("postgresql://u@db.example.com/d");
    assertThat(endpoint.port()).isEqualTo(5432);
    assertThat(endpoint.password()).isNull();
    assertThat(endpoint.tls().mode()).isEqualTo("verify-full");
    assertThat(endpoint.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql://u@localhost/d, localhost",
    "postgresql://u@127.0.0.1/d, 127.0.0.1",
    "postgresql://u@[::1]:5433/d, ::1",
    "host=127.8.9.1 user=u dbname=d, 127.8.9.1"
  })
  void prefersTlsOnLoopback(String text, String host) {
    Endpoint endpoint = read(text);
    assertThat(endpoint.host()).isEqualTo(host);
    assertThat(endpoint.tls().mode()).isEqualTo("prefer");
    assertThat(problems.warnings()).isEmpty();
  }

  @Test
  void readsIpv6Address() {
    assertThat(read("postgresql://u@[2001:db8::1]:5433/d"))
        .returns("2001:db8::1", Endpoint::host)
        .returns(5433, Endpoint::port);
  }

  @Test
  void readsQuotedAndEscapedValues() {
    Endpoint endpoint = read("host=h port = 5433 dbname='my db' user=u password='a \\'b\\\\c'");
    assertThat(endpoint).hasToString("u@h:5433/my db");
    assertThat(endpoint.password()).isEqualTo(new Secret("a 'b\\c"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?secret=shop | secret is no ARN of AWS Secrets Manager",
        "?auth=kerberos | auth has a value that is not known",
        "?auth=iam&sslmode=prefer | auth=iam sends a token that opens the database, and needs TLS",
        "?auth=iam&region=Frankfurt | region is no region of AWS",
        "?auth=iam&secret=x | with auth=iam there is no password",
        "?region=eu-central-1&secret=x | region is for auth=iam"
      })
  void refusesWrongParametersOfVaults(String query, String what) {
    assertThat(
            new ConnectionUrl(Side.SOURCE, PLACE, new Environment(Map.of(), home), problems)
                .read("postgresql://u@db.example.com/d" + query))
        .isEmpty();
    assertThat(problems.errors()).singleElement().asString().contains(what);
  }

  @Test
  void asksTheVaultForPasswords() {
    var vault = new AskedVault();
    var environment =
        new Environment(Map.of("PGPORTAGE_SOURCE_PASSWORD", "other"), home).with(vault);
    String arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf";
    for (String url :
        List.of(
            "postgresql://u@h/d?secret=" + arn + "#pass%20word",
            "host=h user=u dbname=d secret='" + arn + "#pass word'",
            "postgresql://u@db.c1.eu-west-1.rds.amazonaws.com/d?auth=iam",
            "postgresql://u@db.internal:6000/d?auth=iam&region=us-gov-west-1",
            "postgresql://u@db.internal/d?auth=iam")) {
      assertThat(new ConnectionUrl(Side.SOURCE, PLACE, environment, problems).read(url))
          .isPresent();
    }
    assertThat(problems.errors()).isEmpty();
    assertThat(problems.warnings()).isEmpty();
    var stored =
        new PasswordVault.StoredSecret(arn, "eu-central-1", Optional.of("pass word")).toString();
    assertThat(vault.asked)
        .containsExactly(
            stored,
            stored,
            new PasswordVault.TokenLogin(
                    "db.c1.eu-west-1.rds.amazonaws.com", 5432, "u", Optional.of("eu-west-1"))
                .toString(),
            new PasswordVault.TokenLogin("db.internal", 6000, "u", Optional.of("us-gov-west-1"))
                .toString(),
            new PasswordVault.TokenLogin("db.internal", 5432, "u", Optional.empty()).toString());
  }

  /** Remembers what it was asked. */
  private static final class AskedVault implements PasswordVault {
    private final List<String> asked = new ArrayList<>();

    @Override
    public Secret stored(StoredSecret name) {
      asked.add(name.toString());
      return new Secret("x");
    }

    @Override
    public Secret token(TokenLogin login) {
      asked.add(login.toString());
      return new Secret("x");
    }
  }

  @Property(tries = 300)
  void readsWhateverIsEncoded(
      @ForAll @NotBlank @StringLength(max = 30) String user,
      @ForAll @NotBlank @StringLength(max = 30) String password) {
    if ((user + password).indexOf(0) >= 0 || !encodable(user + password)) {
      return;
    }
    var found = new Problems();
    var url = "postgresql://" + encoded(user) + ":" + encoded(password) + "@h/d";
    Endpoint endpoint =
        new ConnectionUrl(
                Side.SOURCE, PLACE, new Environment(Map.of(), Path.of("/nonexistent")), found)
            .read(url)
            .orElseThrow();
    assertThat(endpoint.user()).isEqualTo(user);
    assertThat(endpoint.password()).isEqualTo(new Secret(password));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://u:${PW}@h/d",
        "host=h user=u dbname=d password=${PW}",
        "host=h user=u dbname=d password='${PW}'",
        "${URL}",
        "postgresql://${USER_NAME}@h/d?password=${PW}"
      })
  void takesVariablesAsTheyAre(String text) {
    Endpoint endpoint =
        read(
            text,
            Map.of(
                "PW", "p@s/s%20 '${X}",
                "USER_NAME", "u",
                "URL", "postgresql://u:p%40s%2Fs%2520%20'%24%7BX%7D@h/d"));
    assertThat(endpoint.password()).isEqualTo(new Secret("p@s/s%20 '${X}"));
    assertThat(problems.warnings()).isEmpty();
  }

  @Test
  void namesVariableThatIsNotSet() {
    assertThat(
            new ConnectionUrl(Side.SOURCE, PLACE, environment(Map.of()), problems)
                .read("postgresql://u:${NO_SUCH}@h/d"))
        .isEmpty();
    assertThat(problems.errors())
        .singleElement()
        .returns(ErrorCode.SECRET_UNAVAILABLE, Problem::code)
        .asString()
        .contains("migration.yaml:3:9: source: the environment has no variable NO_SUCH");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgresql://u@h1,h2/d | several hosts",
        "postgresql://u@h1:5432,h2:5433/d | several hosts",
        "host=h1,h2 user=u dbname=d | several hosts",
        "postgresql:///d?user=u | the host is missing",
        "postgresql://h/d | the user is missing",
        "postgresql://u@h | the database is missing",
        "postgresql://u@h/ | the database is missing",
        "postgresql://u@h:0/d | the port is not a number from 1 to 65535",
        "postgresql://u@h:65536/d | the port is not a number",
        "postgresql://u@h:x/d | the port is not a number",
        "postgresql://u@%2Ftmp/d | Unix sockets",
        "postgresql://u@h x/d | a character no host's name has",
        "postgresql://u@[::1/d | not closed",
        "postgresql://u@[::1]x/d | only :port may follow",
        "postgresql://u@::1/d | more than one colon",
        "postgresql://u:p%4@h/d | two hexadecimal digits",
        "postgresql://u:p%ff@h/d | not UTF-8",
        "postgresql://u@h/d?sslmode | no name or no value",
        "postgresql://u@h/d?sslmode=allow | sslmode has a value that is not known",
        "postgresql://u@h/d?sslmode=verify_full | did you mean verify-full?",
        "postgresql://u@h/d?sslmode=require&sslmode=require | sslmode is given twice",
        "postgresql://u@h/d?sslmod=require | sslmod is no parameter of a connection (did you mean sslmode?)",
        "postgresql://u@h/d?frobnicate=1 | allowed: auth, channel_binding, connect_timeout",
        "postgresql://u@h/d?options=-c%20x%3D1 | options cannot be used",
        "postgresql://u@h/d?target_session_attrs=read-write | name the primary",
        "postgresql://u@h/d?channel_binding=require | channel_binding=require cannot be used",
        "postgresql://u@h/d?connect_timeout=0 | from 1 to 600",
        "postgresql://u@h/d?sslrootcert=/no/such/file | sslrootcert names a file that cannot be read",
        "postgresql://u@h/d?sslrootcert=system&sslmode=require | needs sslmode=verify-full",
        "postgresql://u@h/d?sslcert=/dev/null | sslcert and sslkey go together",
        "postgresql://u@h/d?sslnegotiation=direct&sslmode=prefer | needs sslmode=require",
        "postgresql://u@h/d?sslnegotiation=x | allowed: postgres, direct",
        "service=no_such | no service no_such found",
        "jdbc:postgresql://h/d | this is a JDBC URL",
        "mysql://u@h/d | the URL's scheme is not PostgreSQL's",
        "somewhere | this is no connection URL",
        "host=h user | not every word is key=value",
        "host='h | a ' is not closed",
      })
  void refusesWhatItCannotUse(String text, String what) {
    assertThat(new ConnectionUrl(Side.SOURCE, PLACE, environment(Map.of()), problems).read(text))
        .isEmpty();
    assertThat(problems.errors()).anyMatch(problem -> problem.toString().contains(what));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://u:sec@ret@h/d",
        "postgresql://u:sec/ret@h/d",
        "postgresql://u:sec?ret@h/d",
        "postgresql://u:sec%ret@h/d",
        "postgresql://u:sec:ret/d",
        "postgresql://u:sec/ret?x=1@h/d",
        "host=h user=u dbname=d password=sec ret"
      })
  void neverQuotesWhatMayBeAPassword(String text) {
    assertThat(new ConnectionUrl(Side.SOURCE, PLACE, environment(Map.of()), problems).read(text))
        .isEmpty();
    assertThat(problems.errors()).isNotEmpty();
    assertThat(problems.errors().toString() + problems.failure().display())
        .doesNotContain("sec")
        .doesNotContain("ret");
  }

  @Test
  void tellsAllProblemsOfAUrl() {
    new ConnectionUrl(Side.SOURCE, PLACE, environment(Map.of()), problems)
        .read("postgresql://h:x/?sslmode=no&options=a");
    assertThat(problems.errors()).hasSize(5);
  }

  @Test
  void warnsOfPasswordInClearAndOfUnprovenServer() {
    read("postgresql://u:hush@db.example.com/d?sslmode=require&application_name=x");
    assertThat(problems.warnings())
        .extracting(Problem::what)
        .containsExactlyInAnyOrder(
            "the password stands here in clear",
            "sslmode=require does not prove who the server is",
            "application_name is not used");
    assertThat(problems.warnings().toString()).doesNotContain("hush");
  }

  @Test
  void takesPasswordOfItsSideFromEnvironment() {
    Map<String, String> variables =
        Map.of("PGPORTAGE_SOURCE_PASSWORD", "one", "PGPORTAGE_TARGET_PASSWORD", "two");
    assertThat(read("postgresql://u@h/d", variables).password()).isEqualTo(new Secret("one"));
    assertThat(read("postgresql://u:own@h/d", variables).password()).isEqualTo(new Secret("own"));
    assertThat(
            new ConnectionUrl(Side.TARGET, PLACE, environment(variables), problems)
                .read("postgresql://u@h/d")
                .orElseThrow()
                .password())
        .isEqualTo(new Secret("two"));
  }

  @Test
  void findsFirstMatchInPassFile() throws IOException {
    Path file = passFile("rw-------");
    for (Map<String, String> variables :
        List.of(Map.of("PGPASSFILE", file.toString()), Map.<String, String>of())) {
      assertThat(read("postgresql://u@h/d", variables).password()).isEqualTo(new Secret("a:b\\c"));
      assertThat(read("postgresql://u@h:5433/d", variables).password())
          .isEqualTo(new Secret("any"));
      assertThat(read("postgresql://x@h/d", variables).password()).isNull();
      assertThat(read("postgresql://u@[::1]/d", variables).password()).isEqualTo(new Secret("six"));
    }
    Files.move(file, home.resolve("elsewhere"));
    assertThat(read("postgresql://u@h:5433/d?passfile=~/elsewhere").password())
        .isEqualTo(new Secret("any"));
    assertThat(problems.warnings()).isEmpty();
  }

  @Test
  void refusesPassFileOthersCanRead() throws IOException {
    passFile("rw-r-----");
    assertThat(read("postgresql://u@h/d").password()).isNull();
    assertThat(problems.warnings()).singleElement().asString().contains("chmod 600");
  }

  @Test
  void warnsOfNamedPassFileThatIsMissing() {
    read("postgresql://u@h/d", Map.of("PGPASSFILE", home.resolve("none").toString()));
    assertThat(problems.warnings()).singleElement().asString().contains("is not a plain file");
  }

  @Test
  void readsServiceAndLetsTheUrlOverrideIt() throws IOException {
    String text =
        """
        # comment
        [other]
        host=wrong
        [prod]
        host = db.example.com
        port=5433
        dbname=shop
        user=u
        password=p w

        [last]
        host=wrong
        """;
    Files.writeString(home.resolve(".pg_service.conf"), text);
    Endpoint endpoint = read("service=prod dbname=other");
    assertThat(endpoint).hasToString("u@db.example.com:5433/other");
    assertThat(endpoint.password()).isEqualTo(new Secret("p w"));
    assertThat(problems.warnings()).isEmpty();

    Path named = Files.writeString(home.resolve("services"), text.replace("prod", "live"));
    assertThat(read("postgresql://?service=live", Map.of("PGSERVICEFILE", named.toString())))
        .hasToString("u@db.example.com:5433/shop");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgresql://u:x%40y@h:1/d?sslmode=require | postgresql://u@h:1/d?sslmode=require",
        "postgresql://u@h/d?password=x&sslmode=require | postgresql://u@h/d?sslmode=require",
        "postgresql://u%20v:x@[::1]/d | postgresql://u%20v@[::1]/d",
        "host=h user='a b' dbname=d password=x | postgresql://a%20b@h/d",
        "host=h user=u dbname=d | host=h user=u dbname=d",
        "postgresql://u:${PW}@h/d | postgresql://u:${PW}@h/d",
        "${URL} | ${URL}"
      })
  void leavesPasswordOut(String text, String without) throws Exception {
    assertThat(ConnectionUrl.withoutPassword(text)).isEqualTo(without);
  }

  private Path passFile(String permissions) throws IOException {
    Path file = home.resolve(".pgpass");
    Files.writeString(
        file,
        """
        #h:5432:d:u:comment
        h:5432:other:u:wrong
        h:5432:d:u:a\\:b\\\\c
        h:*:d:u:any
        \\:\\:1:5432:*:u:six
        too:few:fields
        """);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return file;
  }

  private Endpoint read(String text) {
    return read(text, Map.of());
  }

  private Endpoint read(String text, Map<String, String> variables) {
    var endpoint =
        new ConnectionUrl(Side.SOURCE, PLACE, environment(variables), problems).read(text);
    assertThat(problems.errors()).isEmpty();
    return endpoint.orElseThrow();
  }

  private Environment environment(Map<String, String> variables) {
    return new Environment(variables, Objects.requireNonNull(home));
  }

  private static boolean encodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
