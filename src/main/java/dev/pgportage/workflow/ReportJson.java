package dev.pgportage.workflow;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonGenerator;
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
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.StepLog;
import java.io.IOException;
import java.util.Locale;

/**
 * How reports are written for programs, wherever they read them: names in snake_case, times in ISO
 * 8601, words in lower case.
 */
public final class ReportJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .addModule(words())
          .addMixIn(StepLog.Step.class, WithoutOutcome.class)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  /** What a step leaves for later steps is the workflow's own affair. */
  @JsonIgnoreProperties("outcome")
  private interface WithoutOutcome {}

  private ReportJson() {}

  /** Writes reports, on one line. Thread-safe. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /** A constant as it is written: {@code recopied}, {@code cut-over}. */
  public static String word(Enum<?> value) {
    return value.toString().toLowerCase(Locale.ROOT).replace('_', '-');
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
}
