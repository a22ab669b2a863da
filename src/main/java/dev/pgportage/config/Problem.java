package dev.pgportage.config;

import dev.pgportage.ErrorCode;

/**
 * One thing that is wrong, or doubtful, in the settings. It never holds a secret.
 *
 * @param place where it was written
 * @param key the setting's path, such as {@code load.workers}; empty if it is about the whole file
 * @param what what is wrong with it
 * @param allowed what may be written there instead, or what to do; empty if that is plain
 * @param code what the program ends with if this is the only kind of problem
 */
public record Problem(Place place, String key, String what, String allowed, ErrorCode code) {

  /**
   * Where a setting was written.
   *
   * @param origin the file's name, or the option of the command line
   * @param line from 1; 0 where there are no lines
   * @param column from 1; 0 where there are none
   */
  public record Place(String origin, int line, int column) {
    /** A place that is not in a file, such as an option. */
    public static Place named(String origin) {
      return new Place(origin, 0, 0);
    }

    /** {@code file:line:column}, as editors understand it. */
    @Override
    public String toString() {
      return line == 0 ? origin : origin + ":" + line + ":" + column;
    }
  }

  /** Place, key, what is wrong and what is allowed, in one line. */
  @Override
  public String toString() {
    return place
        + ": "
        + (key.isEmpty() ? "" : key + ": ")
        + what
        + (allowed.isEmpty() ? "" : " (" + allowed + ")");
  }
}
