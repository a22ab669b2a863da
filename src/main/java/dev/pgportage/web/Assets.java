package dev.pgportage.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The page and its files, all of them in the jar; no other file can be asked for. Thread-safe. */
final class Assets {
  private static final String CHART = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private record Asset(String resource, String type) {}

  private static final Map<String, Asset> ALL =
      Map.ofEntries(
          Map.entry("/", new Asset("page.html", "text/html; charset=utf-8")),
          Map.entry("/page.css", new Asset("page.css", STYLE)),
          script("page"),
          script("graph"),
          script("charts"),
          script("tables"),
          script("server"),
          script("figures"),
          Map.entry("/icon.svg", new Asset("icon.svg", "image/svg+xml")),
          Map.entry("/uplot.js", new Asset(CHART + "uPlot.iife.min.js", SCRIPT)),
          Map.entry("/uplot.css", new Asset(CHART + "uPlot.min.css", STYLE)));

  private final Map<String, Reply> read = new ConcurrentHashMap<>();

  private static Map.Entry<String, Asset> script(String name) {
    return Map.entry("/" + name + ".js", new Asset(name + ".js", SCRIPT));
  }

  /** The file at a path, if there is one. */
  Optional<Reply> find(String path) {
    return Optional.ofNullable(ALL.get(path))
        .map(asset -> read.computeIfAbsent(path, _ -> new Reply(200, asset.type(), bytes(asset))));
  }

  private static byte[] bytes(Asset asset) {
    return bytes(asset.resource());
  }

  /** A resource's content. */
  static byte[] bytes(String resource) {
    try (InputStream file = Assets.class.getResourceAsStream(resource)) {
      return Objects.requireNonNull(file, resource).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read from the jar", e);
    }
  }
}
