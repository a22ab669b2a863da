package dev.pgportage.workflow;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How much processor time this process had taken at a moment.
 *
 * @param cpuNanos processor time since its start; negative if it cannot be told
 * @param atNanos by the clock of {@link System#nanoTime}
 */
record ProcessTime(long cpuNanos, long atNanos) {
  static ProcessTime now() {
    long cpu =
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
            ? system.getProcessCpuTime()
            : -1;
    return new ProcessTime(cpu, System.nanoTime());
  }

  /** Which share of one processor it has taken since. */
  double shareSince() {
    ProcessTime now = now();
    return (double) (now.cpuNanos - cpuNanos) / Math.max(1, now.atNanos - atNanos);
  }
}
