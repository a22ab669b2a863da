package dev.pgportage.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.config.NoticeKind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final Message.Origin FROM =
      new Message.Origin("here", "old:5432/shop", "new:5432/shop", "1");

  @Test
  void keepsASubjectInOneLineWhenItsTextsHoldLineBreaks() {
    Message message = of("x\r\nBcc: everybody@example.com\u2028y", "fine");
    assertThat(message.subject()).isEqualTo("shop: x Bcc: everybody@example.com y");
  }

  @Test
  void keepsMarkupOutOfItsPageWhenTextsHoldSome() {
    String page = of("<script>", "\"<img src=x onerror=alert(1)>&").html();
    assertThat(page)
        .contains("&lt;script&gt;", "&quot;&lt;img src=x onerror=alert(1)&gt;&amp;")
        .doesNotContain("<script>", "<img");
  }

  @Test
  void saysWhatIsMissingWhenMessagesWereHeldBack() {
    assertThat(new Message("shop", notice("x", "y"), FROM, 3).text())
        .contains("3 messages of trouble before this one held back");
  }

  @Test
  void isShortInItsSubjectWhenTheHeadlineIsLong() {
    assertThat(of("x".repeat(500), "y").subject()).hasSize(120).endsWith("…");
  }

  private static Message of(String headline, String happened) {
    return new Message("shop", notice(headline, happened), FROM, 0);
  }

  private static Notice notice(String headline, String happened) {
    return new Notice(
        NoticeKind.LAG,
        "lag",
        false,
        Instant.EPOCH,
        headline,
        happened,
        "It means this.",
        List.of(new Notice.Step("Do", "pgportage status")));
  }
}
