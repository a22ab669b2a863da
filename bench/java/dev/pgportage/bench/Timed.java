package dev.pgportage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What one mover took.
 *
 * @param wall seconds from its start to its end
 * @param moverCpu seconds of processor time of its processes
 * @param cpu seconds of processor time of both servers meanwhile
 */
record Timed(double wall, double moverCpu, Clusters.Cpu cpu) {

  /** Runs a shell command to its end. */
  static Timed command(Clusters clusters, String command) throws Exception {
    Path times = Files.createTempFile("bench", ".times");
    Path output = Files.createTempFile("bench", ".out");
    try {
      Clusters.Cpu before = clusters.cpu();
      // bash's own "time" counts what children's children took, once they have been waited for.
      java.lang.Process process =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "TIMEFORMAT='%R %U %S'; { time { " + command + "; } >\"$1\" 2>&1; } 2>\"$2\"",
                  "bench",
                  output.toString(),
                  times.toString())
              .start();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(
            "Ended with %d: %s%n%s".formatted(status, command, Files.readString(output)));
      }
      List<Double> seconds =
          List.of(Files.readAllLines(times).getLast().split(" ", -1)).stream()
              .map(Double::valueOf)
              .toList();
      return new Timed(
          seconds.get(0), seconds.get(1) + seconds.get(2), clusters.cpu().minus(before));
    } finally {
      Files.delete(times);
      Files.delete(output);
    }
  }

  /** Seconds of processor time a process, without its children, has taken since it was started. */
  static double cpuOf(Process process) {
    return process.toHandle().info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
  }

  /** The same with less wall time: a part of the command was not to be measured. */
  Timed without(double seconds) {
    return new Timed(wall - seconds, moverCpu, cpu);
  }
}
