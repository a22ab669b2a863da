package dev.pgportage.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Map<String, Object> document = read(file);
    assertThat(document)
        .containsEntry("apiVersion", "flink.apache.org/v1beta1")
        .containsEntry("kind", "FlinkDeployment")
        .containsOnlyKeys("apiVersion", "kind", "metadata", "spec");
    // What Kubernetes takes for a name, with room for the operator's endings.
    assertThat(at(document, "metadata").get("name").toString()).matches("[a-z]([a-z0-9-]{0,43})");
    Map<String, Object> spec = at(document, "spec");
    assertThat(SPEC).containsAll(spec.keySet());
    assertThat(spec).containsEntry("flinkVersion", "v2_2");
    for (String process : List.of("jobManager", "taskManager")) {
      assertThat(PROCESS).containsAll(at(spec, process).keySet());
      assertThat(RESOURCE).containsAll(at(spec, process, "resource").keySet());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"application.yaml", "session.yaml"})
  void givesFlinkWhatItsProcessesCanStartWith(String file) throws IOException {
    Map<String, Object> spec = at(read(file), "spec");
    Map<String, Object> settings = at(spec, "flinkConfiguration");
    assertThat(settings)
        .containsOnlyKeys(
            TaskManagerOptions.NUM_TASK_SLOTS.key(),
            HeartbeatManagerOptions.HEARTBEAT_TIMEOUT.key(),
            CoreOptions.FLINK_JVM_OPTIONS.key());
    assertThat(settings.values()).allMatch(value -> value instanceof String, "text");
    var configuration = new Configuration();
    settings.forEach((key, value) -> configuration.setString(key, value.toString()));
    assertThat(configuration.get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT).toSeconds())
        .isEqualTo(30);
    configuration.set(
        JobManagerOptions.TOTAL_PROCESS_MEMORY, memory(at(spec, "jobManager", "resource")));
    Map<String, Object> worker = at(spec, "taskManager", "resource");
    configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, memory(worker));
    configuration.set(
        TaskManagerOptions.CPU_CORES, Double.parseDouble(worker.get("cpu").toString()));
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
    Map<String, Object> spec = at(read("application.yaml"), "spec");
    Map<String, Object> job = at(spec, "job");
    assertThat(JOB).containsAll(job.keySet());
    assertThat(job)
        .containsEntry("entryClass", ChunkJob.class.getName())
        .containsEntry("upgradeMode", "stateless");
    String jar = job.get("jarURI").toString();
    assertThat(jar).startsWith("local:///");
    String image = Files.readString(DIRECTORY.resolve("Containerfile"));
    assertThat(image)
        .contains("COPY target/pgportage-flink.jar " + jar.substring("local://".length()));
    @SuppressWarnings("unchecked")
    var arguments = ((List<Object>) job.get("args")).stream().map(Object::toString).toList();
    JobSettings settings = JobSettings.of(arguments.toArray(String[]::new));
    assertThat(settings.only()).as("it waits for every round").isEmpty();
    assertThat(job).containsEntry("parallelism", settings.workers());
    assertThat(settings.source()).doesNotMatch(".*:[^/]*@.*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application.yaml", "session.yaml"})
  void takesPasswordsFromTheSecretThatIsThere(String file) throws IOException {
    Map<String, Object> secret = read("secrets.yaml");
    assertThat(secret).containsEntry("kind", "Secret").containsEntry("apiVersion", "v1");
    assertThat(at(secret, "stringData"))
        .containsOnlyKeys("PGPORTAGE_SOURCE_PASSWORD", "PGPORTAGE_TARGET_PASSWORD");
    Map<String, Object> pod = at(read(file), "spec", "podTemplate", "spec");
    @SuppressWarnings("unchecked")
    var container = (Map<String, Object>) ((List<Object>) pod.get("containers")).getFirst();
    // The operator merges its own settings into the container of that name.
    assertThat(container).containsEntry("name", "flink-main-container");
    assertThat(container.get("envFrom"))
        .isEqualTo(
            List.of(Map.of("secretRef", Map.of("name", at(secret, "metadata").get("name")))));
  }

  private static MemorySize memory(Map<String, Object> resource) {
    return MemorySize.parse(resource.get("memory").toString());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(String file) throws IOException {
    return (Map<String, Object>) new Yaml().load(Files.readString(DIRECTORY.resolve(file)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> at(Map<String, Object> map, String... path) {
    Map<String, Object> found = map;
    for (String name : path) {
      Object next = found.get(name);
      assertThat(next).as(name).isInstanceOf(Map.class);
      found = (Map<String, Object>) next;
    }
    return found;
  }
}
