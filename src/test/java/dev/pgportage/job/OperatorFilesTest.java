package dev.pgportage.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The files for the Flink Kubernetes operator hold nothing that it, Flink and the job do not know.
 * Source of the names: the operator's manual, "Custom Resource Reference".
 */
class OperatorFilesTest {
  private static final Path DIRECTORY = Path.of("deploy/flink");
  private static final Set<String> SPEC =
      Set.of(
          "job",
          "restartNonce",
          "flinkConfiguration",
          "image",
          "imagePullPolicy",
          "serviceAccount",
          "flinkVersion",
          "ingress",
          "podTemplate",
          "jobManager",
          "taskManager",
          "logConfiguration",
          "mode");
  private static final Set<String> JOB =
      Set.of(
          "jarURI",
          "parallelism",
          "entryClass",
          "args",
          "state",
          "initialSavepointPath",
          "initialStateReference",
          "upgradeMode",
          "allowNonRestoredState",
          "savepointRedeployNonce");
  private static final Set<String> PROCESS = Set.of("resource", "replicas", "podTemplate");
  private static final Set<String> RESOURCE = Set.of("cpu", "memory", "ephemeralStorage");

  @ParameterizedTest
  @ValueSource(strings = {"application.yaml", "session.yaml"})
  void hasOnlyNamesThatTheOperatorKnows(String file) throws IOException {
    JsonNode document = read(file);
    assertThat(names(document)).containsExactlyInAnyOrder("apiVersion", "kind", "metadata", "spec");
    assertThat(document.path("apiVersion").asText()).isEqualTo("flink.apache.org/v1beta1");
    assertThat(document.path("kind").asText()).isEqualTo("FlinkDeployment");
    // What Kubernetes takes for a name, with room for the operator's endings.
    assertThat(document.at("/metadata/name").asText()).matches("[a-z]([a-z0-9-]{0,43})");
    JsonNode spec = document.path("spec");
    assertThat(SPEC).containsAll(names(spec));
    assertThat(spec.path("flinkVersion").asText()).isEqualTo("v2_2");
    for (String process : List.of("jobManager", "taskManager")) {
      assertThat(PROCESS).containsAll(names(spec.path(process)));
      assertThat(names(spec.path(process).path("resource"))).isNotEmpty().isSubsetOf(RESOURCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"application.yaml", "session.yaml"})
  void givesFlinkWhatItsProcessesCanStartWith(String file) throws IOException {
    JsonNode spec = read(file).path("spec");
    JsonNode settings = spec.path("flinkConfiguration");
    assertThat(names(settings))
        .containsExactlyInAnyOrder(
            TaskManagerOptions.NUM_TASK_SLOTS.key(),
            HeartbeatManagerOptions.HEARTBEAT_TIMEOUT.key(),
            CoreOptions.FLINK_JVM_OPTIONS.key());
    assertThat(settings).as("the operator wants text").allMatch(JsonNode::isTextual);
    var configuration = new Configuration();
    settings
        .properties()
        .forEach(each -> configuration.setString(each.getKey(), each.getValue().asText()));
    assertThat(configuration.get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT).toSeconds())
        .isEqualTo(30);
    JsonNode worker = spec.at("/taskManager/resource");
    configuration.set(
        JobManagerOptions.TOTAL_PROCESS_MEMORY, memory(spec.at("/jobManager/resource")));
    configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, memory(worker));
    configuration.set(TaskManagerOptions.CPU_CORES, worker.path("cpu").asDouble());
    // Both throw where the memory does not hold what Flink needs of it.
    assertThat(
            JobManagerProcessUtils.processSpecFromConfig(configuration)
                .getJvmHeapMemorySize()
                .getMebiBytes())
        .isGreaterThan(250);
    int slots = configuration.get(TaskManagerOptions.NUM_TASK_SLOTS);
    assertThat(
            TaskExecutorProcessUtils.processSpecFromConfig(configuration)
                .getTaskHeapSize()
                .getMebiBytes())
        .as("for %d workers", slots)
        .isGreaterThan(slots * 64);
  }

  @Test
  void runsTheJobThatTheImageHolds() throws IOException {
    JsonNode job = read("application.yaml").at("/spec/job");
    assertThat(names(job)).isNotEmpty().isSubsetOf(JOB);
    assertThat(job.path("entryClass").asText()).isEqualTo(ChunkJob.class.getName());
    assertThat(job.path("upgradeMode").asText()).isEqualTo("stateless");
    String jar = job.path("jarURI").asText();
    assertThat(jar).startsWith("local:///");
    assertThat(Files.readString(DIRECTORY.resolve("Containerfile")))
        .contains("COPY target/pgportage-flink.jar " + jar.substring("local://".length()));
    var arguments = new ArrayList<String>();
    job.path("args").forEach(argument -> arguments.add(argument.textValue()));
    JobSettings settings = JobSettings.of(arguments.toArray(String[]::new));
    assertThat(settings.only()).as("it waits for every round").isEmpty();
    assertThat(job.path("parallelism").asInt()).isEqualTo(settings.workers());
    assertThat(settings.source()).doesNotMatch(".*:[^/]*@.*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application.yaml", "session.yaml"})
  void takesPasswordsFromTheSecretThatIsThere(String file) throws IOException {
    JsonNode secret = read("secrets.yaml");
    assertThat(secret.path("kind").asText()).isEqualTo("Secret");
    assertThat(secret.path("apiVersion").asText()).isEqualTo("v1");
    assertThat(names(secret.path("stringData")))
        .containsExactlyInAnyOrder("PGPORTAGE_SOURCE_PASSWORD", "PGPORTAGE_TARGET_PASSWORD");
    JsonNode container = read(file).at("/spec/podTemplate/spec/containers/0");
    // The operator merges its own settings into the container of that name.
    assertThat(container.path("name").asText()).isEqualTo("flink-main-container");
    assertThat(container.at("/envFrom/0/secretRef/name").asText())
        .isNotEmpty()
        .isEqualTo(secret.at("/metadata/name").asText());
  }

  private static MemorySize memory(JsonNode resource) {
    return MemorySize.parse(resource.path("memory").asText());
  }

  private static JsonNode read(String file) throws IOException {
    return new ObjectMapper()
        .valueToTree(new Yaml().<Object>load(Files.readString(DIRECTORY.resolve(file))));
  }

  private static List<String> names(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }
}
