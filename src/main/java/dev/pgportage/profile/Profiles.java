package dev.pgportage.profile;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every profile there is, the most particular first; the last one fits any server. */
public final class Profiles {
  private static final List<Profile> ALL =
      List.of(read("planetscale"), read("aurora"), read("rds"), read("generic"));

  private static final String HAS =
      """
      SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ANY (?::text[]))
        OR EXISTS (SELECT FROM pg_namespace WHERE nspname = ANY (?::text[]))
        OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
                   AND proname = ANY (?::text[]))
      """;

  private Profiles() {}

  /** Every profile. */
  public static List<Profile> all() {
    return ALL;
  }

  /** The profile a server has, by where it is and by what it holds. */
  public static Profile of(Endpoint endpoint, Connection session) throws SQLException {
    for (Profile profile : ALL) {
      if (profile.knowsHost(endpoint) || fits(profile.recognise(), session)) {
        return profile;
      }
    }
    return ALL.getLast();
  }

  private static boolean fits(Profile.Recognition known, Connection session) throws SQLException {
    return Sql.queryFirst(
            session,
            HAS,
            row -> row.getBoolean(1),
            session.createArrayOf("text", known.roles().toArray()),
            session.createArrayOf("text", known.schemas().toArray()),
            session.createArrayOf("text", known.functions().toArray()))
        .orElse(false);
  }

  /** Why an endpoint cannot be used, if some profile says so. */
  public static Optional<Profile.Refusal> refusal(Endpoint endpoint) {
    return ALL.stream().flatMap(profile -> profile.refusal(endpoint).stream()).findFirst();
  }

  /** What to do about a user name that the endpoint's provider cannot know; empty if it can. */
  public static Optional<String> loginAdvice(Endpoint endpoint) {
    return ALL.stream().flatMap(profile -> profile.loginAdvice(endpoint).stream()).findFirst();
  }

  /** The profile whose extension this is: no other server has it. */
  public static Optional<Profile> ownerOfExtension(String extension) {
    return ALL.stream().filter(profile -> profile.ownsExtension(extension)).findFirst();
  }

  /** The profile whose schema this is. */
  public static Optional<Profile> ownerOfSchema(String schema) {
    return ALL.stream().filter(profile -> profile.ownsSchema(schema)).findFirst();
  }

  /** A condition in SQL: whether the schema of this name is some provider's own. */
  public static String ownSchemaSql(String name) {
    return matchesSql(
        name, ALL.stream().flatMap(profile -> profile.own().schemas().stream()).toList());
  }

  /** A condition in SQL: whether the role of this name is some provider's own. */
  public static String ownRoleSql(String name) {
    return matchesSql(
        name, ALL.stream().flatMap(profile -> profile.own().roles().stream()).toList());
  }

  /** A condition in SQL: whether the role of this name is one a provider itself works as. */
  public static String superuserSql(String name) {
    return matchesSql(
        name, ALL.stream().flatMap(profile -> profile.own().superusers().stream()).toList());
  }

  private static String matchesSql(String name, Collection<String> patterns) {
    String any = patterns.stream().distinct().sorted().collect(Collectors.joining("|"));
    return name + "::text ~ " + Quoting.literal("^(" + any + ")$");
  }

  private static Profile read(String name) {
    var mapper =
        YAMLMapper.builder()
            .addModule(new Jdk8Module())
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();
    try (var file = Profiles.class.getResourceAsStream(name + ".yaml")) {
      return mapper.readValue(Objects.requireNonNull(file, name), Profile.class);
    } catch (IOException e) {
      throw new UncheckedIOException("The profile " + name + " cannot be read", e);
    }
  }
}
