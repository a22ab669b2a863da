package dev.pgportage.profile;

import dev.pgportage.pg.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A kind of server and what is peculiar to it, as its file in the resources says. Immutable.
 *
 * @param name one word, for JSON
 * @param title for people
 * @param recognise by what such a server is known
 * @param refuse endpoints that cannot be used
 * @param own what belongs to the provider in each of its databases
 * @param extensions what can be had; empty if that is not known
 * @param calls names of routines only such a server has: patterns for a whole name
 * @param settings values the server should have while rows arrive
 * @param grantReplication the role whose members may replicate, where the attribute cannot be given
 * @param tokenRole the role whose members log in with tokens that expire instead of passwords
 * @param restartFixes by a setting that needs a restart, or {@code *} for any other, what to do in
 *     the provider's words; {@code {setting}} and {@code {value}} stand for the two
 * @param login what user names look like there, where they do not look like those of roles
 * @param tls what to write into a URL, where the provider demands something
 */
public record Profile(
    String name,
    String title,
    Recognition recognise,
    List<Refusal> refuse,
    Own own,
    Extensions extensions,
    List<String> calls,
    List<Setting> settings,
    Optional<String> grantReplication,
    Optional<String> tokenRole,
    Map<String, String> restartFixes,
    Optional<Login> login,
    Optional<String> tls) {

  /**
   * By what a server is known: any one of them will do.
   *
   * @param hosts patterns for the host's whole name
   * @param roles names of roles
   * @param schemas names of schemas
   * @param functions names of functions in pg_catalog
   */
  public record Recognition(
      List<String> hosts, List<String> roles, List<String> schemas, List<String> functions) {}

  /**
   * An endpoint that cannot be used.
   *
   * @param host a pattern for the host's whole name
   * @param port the only port it is about; empty for any
   * @param what what such an endpoint is, the end of a sentence
   * @param fix what to do
   */
  public record Refusal(String host, Optional<Integer> port, String what, String fix) {
    boolean covers(Endpoint endpoint) {
      return port.map(p -> p == endpoint.port()).orElse(true)
          && Pattern.matches("(?i)" + host, endpoint.host());
    }
  }

  /**
   * What is the provider's: never carried, never counted as the user's, never in the way.
   *
   * @param schemas patterns for a schema's whole name
   * @param extensions patterns for an extension's whole name
   * @param roles patterns for a role's whole name
   * @param superusers roles the provider itself works as
   */
  public record Own(
      List<String> schemas, List<String> extensions, List<String> roles, Set<String> superusers) {}

  /**
   * Extensions that can be had.
   *
   * @param offered those that CREATE EXTENSION makes
   * @param byProvider those that have to be enabled outside of SQL first
   * @param how where they are enabled
   */
  public record Extensions(Set<String> offered, Set<String> byProvider, String how) {}

  /**
   * A value a server should have while rows arrive.
   *
   * @param name the setting's name
   * @param atLeast its least value, in its own unit
   * @param why why
   * @param fix what to do
   */
  public record Setting(String name, long atLeast, String why, String fix) {}

  /**
   * What a user name looks like.
   *
   * @param user a pattern for the whole name
   * @param advice what is wrong with one that does not fit, and where the right one is found
   */
  public record Login(String user, String advice) {}

  /** Whether a server is known by its host. */
  boolean knowsHost(Endpoint endpoint) {
    return recognise.hosts().stream()
        .anyMatch(host -> Pattern.matches("(?i)" + host, endpoint.host()));
  }

  /** What to do about a user name that this provider cannot know. */
  Optional<String> loginAdvice(Endpoint endpoint) {
    return login
        .filter(known -> knowsHost(endpoint) && !Pattern.matches(known.user(), endpoint.user()))
        .map(Login::advice);
  }

  /** Why an endpoint cannot be used, if it cannot. */
  Optional<Refusal> refusal(Endpoint endpoint) {
    return refuse.stream().filter(refusal -> refusal.covers(endpoint)).findFirst();
  }

  /** What to do in the provider's words to change a setting that needs a restart. */
  public Optional<String> restartFix(String setting, String value) {
    return Optional.ofNullable(restartFixes.getOrDefault(setting, restartFixes.get("*")))
        .map(fix -> fix.replace("{setting}", setting).replace("{value}", value));
  }

  /** What is said of what belongs to the provider, after its name. */
  public String ownership() {
    return "is " + title + "'s own";
  }

  /** Whether an extension is the provider's own, which no other server has. */
  boolean ownsExtension(String extension) {
    return own.extensions().stream().anyMatch(pattern -> Pattern.matches(pattern, extension));
  }

  /** Whether a schema is the provider's own. */
  boolean ownsSchema(String schema) {
    return own.schemas().stream().anyMatch(pattern -> Pattern.matches(pattern, schema));
  }
}
