package dev.pgportage.spread;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;

/** How what a round's workers have to know is written down: records as JSON. */
public final class Wire {
  private static final JsonMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private Wire() {}

  /** A failure on its way to whoever opened the round. */
  private record Failure(ErrorCode code, String what, String remedy) {}

  /** Writes a record. */
  public static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Cannot write a part of a round", e);
    }
  }

  /** Reads a record. */
  public static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new MigrationException(
          ErrorCode.CLUSTER_FAILED,
          "The workers and this program do not understand each other",
          "Give the cluster the job jar of this program's version.",
          e);
    }
  }

  /** Writes why something failed. */
  public static String failure(MigrationException failure) {
    return write(new Failure(failure.code(), failure.what(), failure.remedy()));
  }

  /** Reads why something failed. */
  public static MigrationException failure(String text) {
    Failure failure = read(text, Failure.class);
    return new MigrationException(failure.code(), failure.what(), failure.remedy(), null);
  }
}
