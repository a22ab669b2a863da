package dev.pgportage.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A standalone cluster of Apache Flink on this machine: a JobManager and TaskManagers, each a
 * process of its own, from Maven's artifacts. They have the databases' passwords in their
 * environments, as a real cluster's would.
 */
public final class FlinkCluster implements AutoCloseable {
  private static final String JOB = "dev.pgportage.job.ChunkJob";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int SLOTS = 2;
  private static final String SESSION =
      "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
  private static final String APPLICATION =
      "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint";

  private final Path directory;
  private final int port;
  private final List<String> entry;
  private final List<Process> jobManagers = new ArrayList<>();
  private final List<Process> taskManagers = new ArrayList<>();

  private FlinkCluster(Path directory, int port, List<String> entry) throws IOException {
    this.directory = directory;
    this.port = port;
    this.entry = entry;
    startJobManager();
  }

  /** Starts a session cluster, and returns once its workers can be used. */
  public static FlinkCluster start(int taskManagers) throws Exception {
    return start(taskManagers, List.of(SESSION));
  }

  /**
   * Starts a cluster of one job, as {@code standalone-job.sh} does, with the job's jar in {@code
   * usrlib}.
   *
   * @param arguments of the job
   */
  public static FlinkCluster application(int taskManagers, List<String> arguments)
      throws Exception {
    var entry = new ArrayList<>(List.of(APPLICATION, "--job-classname", JOB));
    entry.addAll(arguments);
    return start(taskManagers, entry);
  }

  private static FlinkCluster start(int taskManagers, List<String> entry) throws Exception {
    Path directory = Files.createTempDirectory("pgportage-flink-");
    Path jars = Files.createDirectory(directory.resolve("usrlib"));
    if (entry.getFirst().equals(APPLICATION)) {
      Files.copy(jobJar(), jars.resolve("pgportage-flink.jar"));
    }
    int port = freePort();
    Files.writeString(directory.resolve("config.yaml"), configuration(directory, port));
    Files.writeString(
        directory.resolve("logback.xml"),
        """
        <configuration>
          <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n%ex{3}</pattern></encoder>
          </appender>
          <logger name="dev.pgportage" level="INFO"/>
          <root level="WARN"><appender-ref ref="out"/></root>
        </configuration>
        """);
    var cluster = new FlinkCluster(directory, port, entry);
    try {
      for (int i = 0; i < taskManagers; i++) {
        cluster.addTaskManager();
      }
      cluster.awaitTaskManagers(taskManagers);
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  private static String configuration(Path directory, int port) throws IOException {
    return """
        jobmanager.rpc.address: 127.0.0.1
        jobmanager.rpc.port: %d
        jobmanager.bind-host: 127.0.0.1
        rest.address: 127.0.0.1
        rest.port: %d
        rest.bind-address: 127.0.0.1
        taskmanager.host: 127.0.0.1
        taskmanager.bind-host: 127.0.0.1
        heartbeat.interval: 1000
        heartbeat.timeout: 5000
        io.tmp.dirs: %s
        web.tmpdir: %3$s
        taskmanager.numberOfTaskSlots: %d
        taskmanager.cpu.cores: 1.0
        taskmanager.memory.framework.heap.size: 128m
        taskmanager.memory.framework.off-heap.size: 64m
        taskmanager.memory.task.heap.size: 128m
        taskmanager.memory.task.off-heap.size: 0b
        taskmanager.memory.network.min: 16m
        taskmanager.memory.network.max: 16m
        taskmanager.memory.managed.size: 0b
        taskmanager.memory.jvm-metaspace.size: 128m
        taskmanager.memory.jvm-overhead.min: 64m
        taskmanager.memory.jvm-overhead.max: 64m
        """
        .formatted(freePort(), port, directory, SLOTS);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** The job's jar, as the build makes it. */
  public static Path jobJar() {
    Path jar = home().resolve("pgportage-flink.jar");
    if (!Files.exists(jar)) {
      throw new AssertionError("No " + jar + ": ./mvnw -DskipTests package");
    }
    return jar;
  }

  private static Path home() {
    return Path.of(System.getProperty("pgportage.home", "target")).toAbsolutePath();
  }

  /** REST address of the JobManager. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  private void startJobManager() throws IOException {
    var arguments = new ArrayList<>(List.of("--configDir", directory.toString()));
    arguments.addAll(entry.subList(1, entry.size()));
    String name = "jobmanager-" + jobManagers.size();
    jobManagers.add(start(name, "-Xmx256m", entry.getFirst(), arguments));
  }

  /** Kills the JobManager, which keeps nothing anywhere, and starts another at its place. */
  public void replaceJobManager() throws Exception {
    Process former = jobManagers.getLast();
    signal(former, "KILL");
    former.waitFor();
    startJobManager();
  }

  /** Starts one more TaskManager. */
  public Process addTaskManager() throws IOException {
    Process process =
        start(
            "taskmanager-" + taskManagers.size(),
            "-Xmx320m",
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            List.of("--configDir", directory.toString()));
    taskManagers.add(process);
    return process;
  }

  /** A TaskManager by its number, from 0. */
  public Process taskManager(int number) {
    return taskManagers.get(number);
  }

  /** Waits until so many TaskManagers are known. */
  public void awaitTaskManagers(int number) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (asked("/overview").path("taskmanagers").asInt(-1) != number) {
      if (System.nanoTime() > end
          || !jobManagers.getLast().isAlive()
          || taskManagers.stream().filter(Process::isAlive).count() < number) {
        throw new AssertionError("The cluster has no " + number + " TaskManagers:\n" + logs());
      }
      Thread.sleep(100);
    }
  }

  /** Everything the cluster shows of its jobs on its pages: configuration, plan, exceptions. */
  public String shown() throws Exception {
    var text = new StringBuilder(asked("/jobs/overview").toString());
    for (JsonNode job : asked("/jobs/overview").path("jobs")) {
      String path = "/jobs/" + job.path("jid").asText();
      text.append(asked(path)).append(asked(path + "/config")).append(asked(path + "/exceptions"));
    }
    text.append(asked("/jobmanager/config")).append(asked("/jars"));
    return text.toString();
  }

  private JsonNode asked(String path) throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(url() + path)).GET().build();
      return new JsonMapper().readTree(client.send(request, BodyHandlers.ofString()).body());
    } catch (IOException e) {
      return new JsonMapper().createObjectNode();
    }
  }

  /** What its processes wrote. */
  public String logs() throws IOException {
    var text = new StringBuilder();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).sorted().toList()) {
        text.append(log.getFileName()).append(":\n").append(Files.readString(log)).append('\n');
      }
    }
    return text.toString();
  }

  private Process start(String name, String heap, String main, List<String> arguments)
      throws IOException {
    var line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.time=ALL-UNNAMED",
                "-Dlogback.configurationFile=" + directory.resolve("logback.xml"),
                "-cp",
                classPath(),
                main));
    line.addAll(arguments);
    var builder =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile());
    // Beside it is 'usrlib'.
    builder.environment().put("FLINK_LIB_DIR", directory.resolve("lib").toString());
    builder.environment().put("PGPORTAGE_SOURCE_PASSWORD", TestDatabase.PASSWORD);
    builder.environment().put("PGPORTAGE_TARGET_PASSWORD", TestDatabase.PASSWORD);
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** Flink's own jars, and a logging library; nothing of this product. */
  private static String classPath() {
    Path flink = home().resolve("flink");
    if (!Files.isDirectory(flink)) {
      throw new AssertionError("No " + flink + ": ./mvnw -DskipTests package");
    }
    String tests =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String logging =
        Arrays.stream(tests.split(File.pathSeparator))
            .filter(jar -> jar.matches(".*/(slf4j-api|logback-(classic|core))-[^/]*\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));
    return flink + "/*" + File.pathSeparator + logging;
  }

  /** Sends a process a signal, such as {@code STOP}. */
  public static void signal(Process process, String name) throws Exception {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (status != 0) {
      throw new AssertionError("kill -" + name + " ended with " + status);
    }
  }

  @Override
  public void close() throws Exception {
    var all = new ArrayList<>(taskManagers);
    all.addAll(jobManagers);
    for (Process process : all) {
      if (process.destroyForcibly().waitFor(30, TimeUnit.SECONDS)) {
        continue;
      }
      throw new AssertionError("A process of the cluster does not end");
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
