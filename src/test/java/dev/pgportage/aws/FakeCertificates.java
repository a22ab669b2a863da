package dev.pgportage.aws;

import dev.pgportage.aws.FakeAws.Answer;
import dev.pgportage.aws.FakeAws.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Certificates that DMS trusts; one a page. */
public final class FakeCertificates implements FakeAws.Service {
  private final Map<String, String> pems = new LinkedHashMap<>();

  /** A certificate that was imported before. */
  public void put(String name, String pem) {
    pems.put(name, pem);
  }

  public List<String> names() {
    return List.copyOf(pems.keySet());
  }

  public String arn(String name) {
    return "arn:aws:dms:"
        + FakeAws.REGION
        + ":"
        + FakeAws.ACCOUNT
        + ":cert:"
        + name.toUpperCase(java.util.Locale.ROOT);
  }

  @Override
  public Optional<Answer> answer(FakeAws.Call call) {
    return switch (call.action()) {
      case "dms:DescribeCertificates" -> Optional.of(list(call.get("Marker")));
      case "dms:ImportCertificate" -> {
        String name = call.get("CertificateIdentifier");
        if (pems.putIfAbsent(name, call.get("CertificatePem")) != null) {
          throw new Refusal(400, "ResourceAlreadyExistsFault", "Certificate already exists");
        }
        yield Optional.of(Answer.json(Map.of("Certificate", certificate(name))));
      }
      case "dms:DeleteCertificate" -> {
        String arn = call.get("CertificateArn");
        if (!pems.keySet().removeIf(name -> arn(name).equals(arn))) {
          throw new Refusal(400, "ResourceNotFoundFault", "Certificate not found");
        }
        yield Optional.of(Answer.json(Map.of()));
      }
      default -> Optional.empty();
    };
  }

  private Answer list(String marker) {
    int at = marker.isEmpty() ? 0 : Integer.parseInt(marker);
    List<String> names = names();
    var answer = new LinkedHashMap<String, Object>();
    answer.put("Certificates", at < names.size() ? List.of(certificate(names.get(at))) : List.of());
    if (at + 1 < names.size()) {
      answer.put("Marker", String.valueOf(at + 1));
    }
    return Answer.json(answer);
  }

  private Map<String, Object> certificate(String name) {
    return Map.of("CertificateIdentifier", name, "CertificateArn", arn(name));
  }
}
