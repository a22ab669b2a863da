package dev.pgportage.aws;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** S3, with versions: a bucket that holds any, delete markers included, cannot be deleted. */
public final class FakeBuckets implements FakeAws.Service {
  private static final int PAGE = 3;
  private static final Pattern OBJECT =
      Pattern.compile("<Object>.*?<Key>(.*?)</Key>.*?<VersionId>(.*?)</VersionId>.*?</Object>");

  public record Version(String key, String id, boolean marker, String content) {}

  private final Map<String, List<Version>> buckets = new LinkedHashMap<>();
  private final Set<String> locked = new HashSet<>();
  private final Set<String> strangers = new HashSet<>();
  private int uploads;
  private int versions;

  /** Makes a bucket with so many versions and as many delete markers. */
  public void fill(String bucket, int versions) {
    List<Version> all = buckets.computeIfAbsent(bucket, _ -> new ArrayList<>());
    for (int i = 0; i < versions; i++) {
      all.add(new Version("assessment/" + i + " &.json", nextId(), false, "{}"));
      all.add(new Version("assessment/" + i + " &.json", nextId(), true, ""));
    }
  }

  /** An object that may not be removed. */
  public void lock(String key) {
    locked.add(key);
  }

  /** A bucket of somebody else. */
  public void stranger(String bucket) {
    strangers.add(bucket);
  }

  /** Leaves an upload unfinished. */
  public void beginUpload() {
    uploads++;
  }

  public boolean exists(String bucket) {
    return buckets.containsKey(bucket);
  }

  public boolean isEmpty(String bucket) {
    return buckets.getOrDefault(bucket, List.of()).isEmpty() && uploads == 0;
  }

  public void delete(String bucket) {
    buckets.remove(bucket);
  }

  /** The content at a URL. */
  public Optional<String> content(String url) {
    String[] parts = url.replaceFirst("https?://[^/]+/", "").split("/", 2);
    return buckets.getOrDefault(parts[0], List.of()).stream()
        .filter(version -> parts.length == 2 && version.key().equals(parts[1]))
        .map(Version::content)
        .findFirst();
  }

  /** A request's action, as in a policy. */
  static String action(String method, String path, Map<String, String> query) {
    boolean object = path.indexOf('/', 1) > 0 && path.indexOf('/', 1) < path.length() - 1;
    return switch (method) {
      case "HEAD" -> "ListBucket";
      case "PUT" -> object ? "PutObject" : "CreateBucket";
      case "POST" -> "DeleteObjectVersion";
      case "DELETE" ->
          query.containsKey("uploadId")
              ? "AbortMultipartUpload"
              : object ? "DeleteObject" : "DeleteBucket";
      default ->
          query.containsKey("versions") ? "ListBucketVersions" : "ListBucketMultipartUploads";
    };
  }

  @Override
  public Optional<FakeAws.Answer> answer(FakeAws.Call call) {
    if (!call.action().startsWith("s3:")) {
      return Optional.empty();
    }
    String[] parts = call.path().substring(1).split("/", 2);
    String bucket = parts[0];
    String action = call.action().substring(3);
    if (strangers.contains(bucket)) {
      throw new FakeAws.Refusal(403, "AccessDenied", "Access Denied");
    }
    if (action.equals("CreateBucket")) {
      buckets.putIfAbsent(bucket, new ArrayList<>());
      return Optional.of(FakeAws.Answer.none(200));
    }
    List<Version> all = buckets.get(bucket);
    if (all == null) {
      throw new FakeAws.Refusal(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    return Optional.of(
        switch (action) {
          case "ListBucket" -> FakeAws.Answer.none(200);
          case "PutObject" -> put(all, parts[1], call.body());
          case "DeleteObject" -> {
            all.removeIf(version -> version.key().equals(parts[1]));
            yield FakeAws.Answer.none(204);
          }
          case "DeleteBucket" -> deleteBucket(bucket);
          case "ListBucketVersions" -> page(all, call.query());
          case "DeleteObjectVersion" -> remove(all, call.body());
          case "AbortMultipartUpload" -> {
            uploads--;
            yield FakeAws.Answer.none(204);
          }
          default -> uploads(bucket);
        });
  }

  /** Ids in the order of their making, so that a page can go on behind one that is gone. */
  private String nextId() {
    return "v%06d".formatted(++versions);
  }

  private FakeAws.Answer put(List<Version> all, String key, String body) {
    all.add(new Version(key, nextId(), false, body));
    return FakeAws.Answer.none(200);
  }

  private FakeAws.Answer deleteBucket(String bucket) {
    if (!isEmpty(bucket)) {
      throw new FakeAws.Refusal(
          409, "BucketNotEmpty", "The bucket you tried to delete is not empty");
    }
    buckets.remove(bucket);
    return FakeAws.Answer.none(204);
  }

  private static FakeAws.Answer page(List<Version> all, Map<String, String> query) {
    String marker = query.getOrDefault("version-id-marker", "");
    List<Version> rest = all.stream().filter(v -> v.id().compareTo(marker) > 0).toList();
    List<Version> page = rest.subList(0, Math.min(rest.size(), PAGE));
    boolean more = rest.size() > PAGE;
    var xml = new StringBuilder("<ListVersionsResult>");
    xml.append("<IsTruncated>").append(more).append("</IsTruncated>");
    if (more) {
      xml.append("<NextKeyMarker>").append(FakeAws.escaped(page.getLast().key()));
      xml.append("</NextKeyMarker><NextVersionIdMarker>").append(page.getLast().id());
      xml.append("</NextVersionIdMarker>");
    }
    for (Version version : page) {
      String element = version.marker() ? "DeleteMarker" : "Version";
      xml.append('<').append(element).append("><Key>").append(FakeAws.escaped(version.key()));
      xml.append("</Key><VersionId>").append(version.id()).append("</VersionId></");
      xml.append(element).append('>');
    }
    return FakeAws.Answer.xml(xml.append("</ListVersionsResult>").toString());
  }

  private FakeAws.Answer remove(List<Version> all, String body) {
    var errors = new StringBuilder();
    Matcher object = OBJECT.matcher(body);
    var gone = new HashSet<String>();
    while (object.find()) {
      String key = object.group(1).replace("&amp;", "&");
      if (locked.contains(key)) {
        errors.append("<Error><Key>").append(FakeAws.escaped(key));
        errors.append("</Key><Code>AccessDenied</Code><Message>object lock</Message></Error>");
      } else {
        gone.add(object.group(2));
      }
    }
    all.removeIf(version -> gone.contains(version.id()));
    return FakeAws.Answer.xml("<DeleteResult>" + errors + "</DeleteResult>");
  }

  private FakeAws.Answer uploads(String bucket) {
    var xml = new StringBuilder("<ListMultipartUploadsResult><Bucket>" + bucket + "</Bucket>");
    xml.append("<IsTruncated>false</IsTruncated>");
    for (int i = 0; i < uploads; i++) {
      xml.append("<Upload><Key>k</Key><UploadId>u").append(i).append("</UploadId></Upload>");
    }
    return FakeAws.Answer.xml(xml.append("</ListMultipartUploadsResult>").toString());
  }
}
