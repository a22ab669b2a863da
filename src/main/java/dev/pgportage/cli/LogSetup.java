package dev.pgportage.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.function.Consumer;

/**
 * Logging without a configuration file: warnings go to standard error, without stack traces, whose
 * messages could hold rows. Found by Logback as a service when something is first logged.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
  private static volatile boolean json;
  private static volatile Consumer<String> printer = LogSetup::toStandardError;

  /** From now on whatever is logged has this form; to be called before anything is. */
  static void use(OutputOptions.Format format) {
    json = format == OutputOptions.Format.json;
  }

  /** From now on whatever is logged is printed by this, whole lines at a time. */
  static void printBy(Consumer<String> wanted) {
    printer = wanted;
  }

  static void toStandardError(String lines) {
    System.err.writeBytes(lines.getBytes(UTF_8));
    System.err.flush();
  }

  /** Whether programs read what is logged. */
  static boolean json() {
    return json;
  }

  private static Encoder<ILoggingEvent> lines(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss} %level %logger{0}: %msg%kvp%n%nopex");
    return encoder;
  }

  private static Encoder<ILoggingEvent> objects() {
    var encoder = new JsonEncoder();
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.setWithThrowable(false);
    return encoder;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Encoder<ILoggingEvent> encoder = json ? objects() : lines(context);
    encoder.setContext(context);
    encoder.start();
    var console = new Printing(encoder);
    console.setContext(context);
    console.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Hands each line on to whoever draws on the terminal. */
  private static final class Printing extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final Encoder<ILoggingEvent> encoder;

    Printing(Encoder<ILoggingEvent> encoder) {
      this.encoder = encoder;
    }

    @Override
    protected void append(ILoggingEvent event) {
      printer.accept(new String(encoder.encode(event), UTF_8));
    }
  }
}
