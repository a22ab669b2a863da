package dev.pgportage.aws;

import dev.pgportage.MigrationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Route;
import software.amazon.awssdk.services.ec2.model.RouteState;
import software.amazon.awssdk.services.ec2.model.RouteTable;
import software.amazon.awssdk.services.ec2.model.Subnet;

/** Whether a replication can run in the subnets: one VPC, two zones, a way out to the target. */
final class SubnetCheck {
  private static final String EVERYWHERE = "0.0.0.0/0";

  private final AwsCalls calls;
  private final List<String> problems;

  SubnetCheck(AwsCalls calls, List<String> problems) {
    this.calls = calls;
    this.problems = problems;
  }

  /** Adds problems; returns the deployment with its VPC and subnets as answers. */
  Deployment check(Deployment wanted) {
    if (!wanted.template().asks("SubnetIds")) {
      return wanted;
    }
    if (wanted.subnets().isEmpty()) {
      problems.add("No subnets are named: give --subnets subnet-…,subnet-…" + candidates(wanted));
      return wanted;
    }
    Optional<List<Subnet>> named = named(wanted.subnets());
    if (named.isEmpty()) {
      return wanted;
    }
    List<Subnet> found = named.get();
    List<String> vpcs = found.stream().map(Subnet::vpcId).distinct().toList();
    List<String> zones = found.stream().map(Subnet::availabilityZone).distinct().toList();
    String vpc = wanted.answers().getOrDefault("VpcId", vpcs.isEmpty() ? "" : vpcs.getFirst());
    if (!vpcs.equals(List.of(vpc))) {
      problems.add("The subnets are not all in the VPC " + vpc + " but in " + vpcs);
    } else if (zones.size() < 2) {
      problems.add("All subnets are in the zone " + zones + ": DMS needs two zones at least");
    } else {
      checkRoutes(found, vpc);
      calls.tell(
          "Subnets: " + String.join(", ", wanted.subnets()) + " in " + vpc + ", zones " + zones);
    }
    return wanted
        .answering("VpcId", vpc)
        .answering("SubnetIds", String.join(",", wanted.subnets()));
  }

  private Optional<List<Subnet>> named(List<String> subnets) {
    try {
      return Optional.of(
          calls.ask(
              "Looking at the subnets",
              () ->
                  calls
                      .clients()
                      .network()
                      .describeSubnetsPaginator(r -> r.subnetIds(subnets))
                      .subnets()
                      .stream()
                      .toList()));
    } catch (MigrationException e) {
      problems.add(e.what());
      return Optional.empty();
    }
  }

  private void checkRoutes(List<Subnet> subnets, String vpc) {
    List<RouteTable> tables;
    try {
      tables =
          calls.ask(
              "Looking at the routes of " + vpc,
              () ->
                  calls
                      .clients()
                      .network()
                      .describeRouteTablesPaginator(r -> r.filters(inVpc(vpc)))
                      .routeTables()
                      .stream()
                      .toList());
    } catch (MigrationException e) {
      problems.add(e.what());
      return;
    }
    for (Subnet subnet : subnets) {
      Optional<Route> out = table(tables, subnet.subnetId()).flatMap(SubnetCheck::wayOut);
      if (out.isEmpty()) {
        problems.add(
            "The subnet "
                + subnet.subnetId()
                + " has no route to the internet (0.0.0.0/0), so the target cannot be reached from it:"
                + " choose a public subnet, whose route leads to an internet gateway");
      } else if (gateway(out.get()).isEmpty()) {
        calls.tell(
            "Note: the subnet "
                + subnet.subnetId()
                + " leads out by something else than an internet gateway (NAT?): a replication"
                + " instance with a public address cannot use it");
      }
    }
  }

  private static Optional<RouteTable> table(List<RouteTable> tables, String subnet) {
    return tables.stream()
        .filter(table -> table.associations().stream().anyMatch(a -> subnet.equals(a.subnetId())))
        .findFirst()
        .or(
            () ->
                tables.stream()
                    .filter(
                        table ->
                            table.associations().stream()
                                .anyMatch(a -> Boolean.TRUE.equals(a.main())))
                    .findFirst());
  }

  private static Optional<Route> wayOut(RouteTable table) {
    return table.routes().stream()
        .filter(route -> EVERYWHERE.equals(route.destinationCidrBlock()))
        .filter(route -> route.state() != RouteState.BLACKHOLE)
        .findFirst();
  }

  private static Optional<String> gateway(Route route) {
    return Optional.ofNullable(route.gatewayId()).filter(id -> id.startsWith("igw-"));
  }

  private static Filter inVpc(String vpc) {
    return Filter.builder().name("vpc-id").values(vpc).build();
  }

  /** Subnets one could choose from, as far as they may be seen. */
  private String candidates(Deployment wanted) {
    String vpc = wanted.answers().get("VpcId");
    var lines = new ArrayList<String>();
    try {
      List<Subnet> all =
          calls.ask(
              "Looking for subnets",
              () ->
                  calls
                      .clients()
                      .network()
                      .describeSubnetsPaginator(
                          r -> {
                            if (vpc != null) {
                              r.filters(inVpc(vpc));
                            }
                          })
                      .subnets()
                      .stream()
                      .limit(20)
                      .toList());
      for (Subnet subnet : all) {
        lines.add(
            subnet.subnetId() + " (" + subnet.vpcId() + ", " + subnet.availabilityZone() + ")");
      }
    } catch (MigrationException e) {
      return "";
    }
    return lines.isEmpty()
        ? ""
        : lines.stream().collect(Collectors.joining("\n      ", "; there are\n      ", ""));
  }
}
