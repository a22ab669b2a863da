package dev.pgportage.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ForwardingMonitorTest {
  @Test
  void forwardsWhateverAMonitorIsTold() {
    assertThat(
            Arrays.stream(Monitor.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> !isForwarded(method)))
        .isEmpty();
  }

  private static boolean isForwarded(Method method) {
    return Arrays.stream(ForwardingMonitor.class.getDeclaredMethods())
        .anyMatch(
            own ->
                own.getName().equals(method.getName())
                    && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
  }
}
