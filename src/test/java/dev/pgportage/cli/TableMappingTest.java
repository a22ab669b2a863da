package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.config.MigrationConfig.Filters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableMappingTest {
  private static final List<String> NEVER =
      List.of(
          "exclude %|awsdms[_]%",
          "exclude pgportage|%", "exclude information[_]schema|%", "exclude pg[_]%|%");

  @Test
  void leavesAllToTheTemplateWhenNoTableIsLeftOut() {
    assertThat(TableMapping.of(new Filters(List.of(), List.of()))).isEmpty();
    assertThat(
            TableMapping.of(
                new Filters(List.of("extension:postgis"), List.of("kind:view", "extension:x"))))
        .isEmpty();
  }

  @Test
  void takesEverythingWhenTablesAreOnlyExcluded() throws JsonProcessingException {
    assertThat(rules(List.of(), List.of("audit.*", "kind:view")))
        .startsWith("include %|%", "exclude audit|%")
        .containsAll(NEVER);
  }

  @Test
  void takesOnlyWhatIsIncludedWithoutWhatIsExcluded() throws JsonProcessingException {
    assertThat(rules(List.of("shop.*", "*.customer"), List.of("shop.tmp*")))
        .startsWith("include shop|%", "include %|customer", "exclude shop|tmp%")
        .containsAll(NEVER);
  }

  @Test
  void letsDmsReadNamesAsTheyAre() throws JsonProcessingException {
    assertThat(
            rules(
                List.of(
                    "shop.order_line",
                    "shop.a%b[c]",
                    "\"Odd.Schema\".\"Weird \"\"Ta*\"\" ble\"",
                    "größe.\"☃\""),
                List.of()))
        .startsWith(
            "include shop|order[_]line",
            "include shop|a[%]b[[]c]",
            "include Odd.Schema|Weird \"Ta*\" ble",
            "include größe|☃");
  }

  /** The rules as {@code action schema|table}; each with an id of its own, as DMS wants it. */
  private static List<String> rules(List<String> include, List<String> exclude)
      throws JsonProcessingException {
    JsonNode rules =
        new JsonMapper()
            .readTree(TableMapping.of(new Filters(include, exclude)).orElseThrow())
            .get("rules");
    var found = new ArrayList<String>();
    var ids = new HashSet<String>();
    for (JsonNode rule : rules) {
      assertThat(rule.get("rule-type").textValue()).isEqualTo("selection");
      assertThat(ids.add(rule.get("rule-id").textValue())).isTrue();
      found.add(
          rule.get("rule-action").textValue()
              + " "
              + rule.at("/object-locator/schema-name").textValue()
              + "|"
              + rule.at("/object-locator/table-name").textValue());
    }
    return found;
  }
}
