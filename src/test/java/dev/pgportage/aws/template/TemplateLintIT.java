package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The templates before the eyes of validators nobody here wrote. */
class TemplateLintIT {
  @TempDir Path directory;

  @Test
  void findsNothing() throws IOException, InterruptedException {
    var files = new ArrayList<String>();
    for (Engine engine : Engine.values()) {
      AwsTemplate template = AwsTemplate.of(engine);
      files.add(write(engine + ".json", template.json()));
      files.add(write(engine + ".yaml", template.yaml()));
    }
    assertThat(NodeTools.run("validate.cjs", "", files.toArray(new String[0]))).isEmpty();
  }

  @Test
  void findsPlantedFaults() throws IOException, InterruptedException {
    String broken =
        AwsTemplate.of(Engine.DMS)
            .json()
            .replace("\"ReplicationInstanceClass\"", "\"ReplicationInstanceKlass\"")
            .replace("{\"Ref\":\"NotificationEmail\"}", "{\"Ref\":\"Nobody\"}")
            .replace("\\\"StartAt\\\":\\\"Look\\\"", "\\\"StartAt\\\":\\\"Nowhere\\\"");
    assertThat(NodeTools.run("validate.cjs", "", write("broken.json", broken)))
        .contains("ReplicationInstanceKlass", "Nobody", "Nowhere");
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }
}
