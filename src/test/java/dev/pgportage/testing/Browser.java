package dev.pgportage.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.print.PrintOptions;

/** A real browser without a window, showing one page from a file. */
public final class Browser implements AutoCloseable {
  private static final Duration CLICK = Duration.ofSeconds(10);
  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Opens a page; fails with what to install if there is no browser. */
  public static Browser open(Path page) {
    return open(page.toUri().toString());
  }

  /** Opens a page of a server; fails with what to install if there is no browser. */
  public static Browser open(String url) {
    var options =
        new ChromeOptions()
            .setBinary(program("chromium").toFile())
            // The sandbox refuses to work for root, and containers have little shared memory.
            .addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage");
    options.setAcceptInsecureCerts(true);
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(program("chromedriver").toFile())
            .build();
    var browser = new Browser(new ChromeDriver(service, options));
    browser.driver.get(url);
    return browser;
  }

  private static Path program(String name) {
    return Stream.of(Objects.requireNonNull(System.getenv("PATH")).split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("No " + name + ": apt-get install chromium chromium-driver"));
  }

  /** The texts a person sees in the elements a CSS selector finds, all of one moment. */
  public List<String> texts(String selector) {
    return whateverThePageRemakes(
        () ->
            driver.findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList());
  }

  /** What a JavaScript expression gives in the page, as text. */
  public String evaluate(String expression) {
    return String.valueOf(driver.executeScript("return " + expression));
  }

  /** Shows the page as to somebody who prefers {@code dark} or {@code light}. */
  public void prefer(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Makes the window so wide, in pixels of the page. */
  public void width(int pixels) {
    size(pixels, 800);
  }

  /** Makes the window so large, in pixels of the page. */
  public void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Opens another page, or the same again. */
  public void go(String url) {
    driver.get(url);
  }

  /** Waits until a JavaScript expression is true, or fails with what the page shows. */
  public void await(String expression, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (!Boolean.TRUE.equals(driver.executeScript("return Boolean(" + expression + ")"))) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "Never true: " + expression + "\n" + String.join("\n", texts("body")) + complaints());
      }
      try {
        Thread.sleep(Duration.ofMillis(50));
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** Clicks on the element a CSS selector finds, even if the page is just making it anew. */
  public void click(String selector) {
    whateverThePageRemakes(
        () -> {
          driver.findElement(By.cssSelector(selector)).click();
          return selector;
        });
  }

  /** Does it again for a while if an element is gone, or not there yet. */
  private static <T> T whateverThePageRemakes(Supplier<T> action) {
    long end = System.nanoTime() + CLICK.toNanos();
    while (true) {
      try {
        return action.get();
      } catch (StaleElementReferenceException | NoSuchElementException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      }
    }
  }

  /** Types into the element a CSS selector finds. */
  public void type(String selector, CharSequence... keys) {
    driver.findElement(By.cssSelector(selector)).sendKeys(keys);
  }

  /** Keeps a picture of what is in the window below {@code target/screenshots}. */
  public void screenshot(String name) {
    keep(name + ".png", driver.getScreenshotAs(OutputType.BYTES));
  }

  private static void keep(String file, byte[] content) {
    try {
      Path directory = Files.createDirectories(Path.of("target", "screenshots"));
      Files.write(directory.resolve(file), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints the page to a file below {@code target/screenshots}; how many sheets that is. */
  public long print(String name) {
    var options = new PrintOptions();
    byte[] pdf = Base64.getMimeDecoder().decode(driver.print(options).getContent());
    keep(name + ".pdf", pdf);
    return Pattern.compile("/Type\\s*/Page[^s]")
        .matcher(new String(pdf, StandardCharsets.ISO_8859_1))
        .results()
        .count();
  }

  /** What the page complained of in the browser's console. */
  public List<String> complaints() {
    return driver.manage().logs().get("browser").getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(Object::toString)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
