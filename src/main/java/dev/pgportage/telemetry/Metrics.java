package dev.pgportage.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The metrics of one migration: the newest value of each, kept in a registry that those of other
 * migrations can share, so that all are read as one text. Thread-safe.
 */
public final class Metrics implements AutoCloseable {
  /** The media type of {@link #text}. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private record Key(Metric metric, List<String> labels) {}

  /** A value and its meter in the registry. */
  private record Held(AtomicReference<Double> value, Meter meter) {}

  private final PrometheusMeterRegistry registry;
  private final boolean owner;
  private final String migration;
  private final Map<Key, Held> values = new ConcurrentHashMap<>();

  /** Metrics without any value yet. */
  public Metrics(String migration) {
    this(migration, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), true);
  }

  private Metrics(String migration, PrometheusMeterRegistry registry, boolean owner) {
    this.migration = migration;
    this.registry = registry;
    this.owner = owner;
  }

  /** Those of another migration, in the same text; closed with these. */
  public Metrics beside(String other) {
    return new Metrics(other, registry, false);
  }

  /** Sets a figure that is a whole number; beyond 2^53 it is rounded. */
  public void set(Metric metric, long value, String... labels) {
    set(metric, (double) value, labels);
  }

  /** Sets a metric; the labels' values stand in the order of their names. */
  public void set(Metric metric, double value, String... labels) {
    values.computeIfAbsent(new Key(metric, List.of(labels)), this::register).value().set(value);
  }

  /** Forgets all values of a metric, so that labels that are no more do not stay. */
  public void forget(Metric metric) {
    values.entrySet().removeIf(entry -> entry.getKey().metric() == metric && removed(entry));
  }

  private boolean removed(Map.Entry<Key, Held> entry) {
    registry.remove(entry.getValue().meter());
    return true;
  }

  private Held register(Key key) {
    Metric metric = key.metric();
    var value = new AtomicReference<>(0.0);
    Tags tags = Tags.of("migration", migration);
    for (int i = 0; i < metric.labels().size(); i++) {
      tags = tags.and(metric.labels().get(i), key.labels().get(i));
    }
    Meter meter =
        switch (metric.type()) {
          case GAUGE ->
              Gauge.builder(metric.base(), value, AtomicReference::get)
                  .description(metric.meaning())
                  .baseUnit(unit(metric))
                  .tags(tags)
                  .strongReference(true)
                  .register(registry);
          case COUNTER ->
              FunctionCounter.builder(metric.base(), value, AtomicReference::get)
                  .description(metric.meaning())
                  .baseUnit(unit(metric))
                  .tags(tags)
                  .register(registry);
        };
    return new Held(value, meter);
  }

  private static @org.jspecify.annotations.Nullable String unit(Metric metric) {
    return metric.unit().isEmpty() ? null : metric.unit();
  }

  /** All values in Prometheus's text format, those of migrations beside included. */
  public String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    if (owner) {
      registry.close();
    }
  }
}
