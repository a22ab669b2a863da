package dev.pgportage.aws.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.aws.ResolvedTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
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
      files.add(write(engine + ".resolved.json", resolved(engine)));
    }
    assertThat(NodeTools.run("validate.cjs", "", files.toArray(new String[0]))).isEmpty();
  }

  @Test
  void findsPlantedFaults() throws IOException, InterruptedException {
    String broken =
        AwsTemplate.of(Engine.DMS)
            .json()
            .replace("\"ReplicationInstanceClass\"", "\"ReplicationInstanceKlass\"")
            .replace("{\"Ref\":\"NotificationEmail\"}", "{\"Ref\":\"Nobody\"}");
    String computed =
        resolved(Engine.DMS)
            .replace("\\\"StartAt\\\":\\\"Look\\\"", "\\\"StartAt\\\":\\\"Nowhere\\\"")
            .replace("\"rds:DescribeDBClusters\"", "\"rds:DescribeDatabases\"")
            .replace("\"Action\":\"dms:TestConnection\"", "\"Action\":\"dms:StopReplicationTask\"")
            .replace("\\\"width\\\":12", "\\\"width\\\":25");
    assertThat(
            NodeTools.run(
                "validate.cjs",
                "",
                write("broken.json", broken),
                write("broken.resolved.json", computed)))
        .contains("ReplicationInstanceKlass", "Nobody", "Nowhere")
        .contains("no action rds:DescribeDatabases", "not a widget")
        .contains("dms:StopReplicationTask needs a resource of type ReplicationTask")
        .contains("no action of dms:StopReplicationTask works on arn:aws:dms");
  }

  private static String resolved(Engine engine) {
    Map<String, String> answers =
        Map.of("SubnetIds", "subnet-a,subnet-b", "MigrationBucketName", "shop");
    return ResolvedTemplate.of(AwsTemplate.of(engine).json(), answers, "shop").whole().toString();
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }
}
