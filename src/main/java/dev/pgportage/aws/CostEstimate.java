package dev.pgportage.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.MigrationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.services.pricing.model.Filter;
import software.amazon.awssdk.services.pricing.model.FilterType;

/** What a stack costs while it is there, by AWS's own price list. */
final class CostEstimate {
  private static final int HOURS_OF_DAY = 24;
  private static final String DEFAULT_CLASS = "dms.c6i.xlarge";

  private final AwsCalls calls;

  CostEstimate(AwsCalls calls) {
    this.calls = calls;
  }

  /** Lines for people; prices in US dollars, without what depends on the rows. */
  List<String> lines(Deployment wanted) {
    var lines = new ArrayList<String>();
    if (wanted.template().asks("DMSInstanceClass")) {
      String instance = wanted.answers().getOrDefault("DMSInstanceClass", DEFAULT_CLASS);
      lines.add(
          hourly(instance)
              .map(
                  price ->
                      String.format(
                          Locale.ROOT,
                          "Cost: %s %.3f USD an hour, %.2f USD a day, as long as the stack is there"
                              + " (AWS's price list, one zone)",
                          instance,
                          price,
                          price * HOURS_OF_DAY))
              .orElse(
                  "Cost: the price of "
                      + instance
                      + " in this region is not known here (pricing:GetProducts); see"
                      + " https://aws.amazon.com/dms/pricing/"));
      lines.add(
          "      and DMS's storage and logs, the rows that leave the region, some cents for Step"
              + " Functions, S3 and CloudWatch");
    } else {
      lines.add(
          "Cost: one Fargate task as long as the stack is there, its logs, and the rows that leave the"
              + " region; see https://aws.amazon.com/fargate/pricing/");
    }
    return lines;
  }

  private Optional<Double> hourly(String instance) {
    try {
      List<String> products =
          calls
              .ask(
                  "Asking for the price of " + instance,
                  () ->
                      calls
                          .clients()
                          .prices()
                          .getProducts(
                              r ->
                                  r.serviceCode("AWSDatabaseMigrationSvc")
                                      .filters(
                                          is("regionCode", calls.clients().region()),
                                          is("instanceType", instance.replaceFirst("^dms\\.", "")),
                                          is("availabilityZone", "Single"))))
              .priceList();
      return products.stream().flatMap(product -> price(product).stream()).findFirst();
    } catch (MigrationException e) {
      // Whoever may not read prices may deploy nevertheless.
      return Optional.empty();
    }
  }

  private static Filter is(String field, String value) {
    return Filter.builder().type(FilterType.TERM_MATCH).field(field).value(value).build();
  }

  private static Optional<Double> price(String product) {
    try {
      JsonNode term = new JsonMapper().readTree(product).path("terms").path("OnDemand");
      for (JsonNode offer : term) {
        for (JsonNode dimension : offer.path("priceDimensions")) {
          double usd = dimension.path("pricePerUnit").path("USD").asDouble(0);
          if (usd > 0 && dimension.path("unit").asText().equalsIgnoreCase("Hrs")) {
            return Optional.of(usd);
          }
        }
      }
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
