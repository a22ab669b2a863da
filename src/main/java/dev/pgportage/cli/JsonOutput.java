package dev.pgportage.cli;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.StepLog;
import java.io.IOException;
import java.util.Locale;

/**
 * What programs read: one JSON object per command, {@code command}, {@code exit_status}, and {@code
 * result} or {@code error}. Names in snake_case, times in ISO 8601, words in lower case.
 */
final class JsonOutput {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .addModule(words())
          .addMixIn(StepLog.Step.class, WithoutOutcome.class)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** A command's result, or its error, as it is written. */
  record Result(String command, int exitStatus, Object result) {}

  /** A command's failure, as it is written. */
  record Failure(String command, int exitStatus, Fault error) {}

  /**
   * What went wrong.
   *
   * @param code the error's code
   * @param message what happened and to which object
   * @param remedy what to do
   * @param documentation its place in the documentation
   */
  record Fault(ErrorCode code, String message, String remedy, String documentation) {}

  /** What a step leaves for later steps is the workflow's own affair. */
  @JsonIgnoreProperties("outcome")
  private interface WithoutOutcome {}

  private JsonOutput() {}

  static String result(String command, int exitStatus, Object result) {
    return write(new Result(command, exitStatus, result));
  }

  static String failure(String command, MigrationException failure) {
    ErrorCode code = failure.code();
    return write(
        new Failure(
            command,
            code.exitStatus(),
            new Fault(code, failure.what(), failure.remedy(), ErrorScreen.documentation(code))));
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Cannot write the output as JSON", e);
    }
  }

  private static SimpleModule words() {
    var module = new SimpleModule();
    module.addSerializer(QualifiedName.class, ToStringSerializer.instance);
    module.addSerializer(Lsn.class, ToStringSerializer.instance);
    module.addSerializer(ErrorCode.class, ToStringSerializer.instance);
    module.addSerializer(Enum.class, new WordSerializer());
    return module;
  }

  @SuppressWarnings("rawtypes") // Jackson looks serializers up by raw class.
  private static final class WordSerializer extends JsonSerializer<Enum> {
    @Override
    public void serialize(Enum value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeString(word(value));
    }
  }

  /** A constant as it is printed: {@code recopied}, {@code cut-over}. */
  static String word(Enum<?> value) {
    return value.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
