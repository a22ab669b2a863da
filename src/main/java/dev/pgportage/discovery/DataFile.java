package dev.pgportage.discovery;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** A list that lies beside this package as a YAML file. */
final class DataFile {
  private DataFile() {}

  static <T> List<T> read(String name, Class<T> type) {
    var mapper =
        YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();
    try (var file = DataFile.class.getResourceAsStream(name)) {
      return mapper
          .readerForListOf(type)
          .readValue(Objects.requireNonNull(file, name).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("The list " + name + " cannot be read", e);
    }
  }
}
