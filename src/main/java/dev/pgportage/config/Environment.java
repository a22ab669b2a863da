package dev.pgportage.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the settings take from the process they are read in.
 *
 * @param variables the environment's variables
 * @param home the user's home directory
 * @param vault where passwords are that nobody writes down
 */
public record Environment(Map<String, String> variables, Path home, PasswordVault vault) {
  /** Copies the variables. */
  public Environment {
    variables = Map.copyOf(variables);
  }

  /** Without a vault of passwords. */
  public Environment(Map<String, String> variables, Path home) {
    this(variables, home, PasswordVault.none());
  }

  /** The same with a vault of passwords. */
  public Environment with(PasswordVault other) {
    return new Environment(variables, home, other);
  }

  /** This process's own. */
  public static Environment ofProcess() {
    return new Environment(System.getenv(), Path.of(System.getProperty("user.home", "")));
  }

  /** A variable that is set and not empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /** A path as users write it: {@code ~/} stands for the home directory. */
  Path path(String text) {
    return text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text);
  }

  @Override
  public String toString() {
    return "Environment with " + variables.size() + " variables";
  }
}
