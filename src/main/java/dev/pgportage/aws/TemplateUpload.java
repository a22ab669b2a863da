package dev.pgportage.aws;

import java.util.HexFormat;
import java.util.Locale;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.DeleteBucketRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A template too long for a request, in a bucket for as long as CloudFormation reads it. */
final class TemplateUpload {
  private static final String ONLY_REGION_WITHOUT_NAME = "us-east-1";

  private final AwsCalls calls;
  private final String bucket;
  private final String key;
  private boolean madeBucket;

  TemplateUpload(AwsCalls calls, Deployment wanted) {
    this.calls = calls;
    this.bucket = wanted.templateBucket().orElseGet(this::ownBucket);
    this.key =
        wanted.stack()
            + "-"
            + HexFormat.of().toHexDigits(wanted.template().json().hashCode())
            + ".json";
  }

  private String ownBucket() {
    String account =
        calls
            .ask("Asking who is logged in", () -> calls.clients().identity().getCallerIdentity())
            .account();
    return "pgportage-templates-" + calls.clients().region() + "-" + account;
  }

  String place() {
    return "s3://" + bucket + "/" + key;
  }

  /** Puts it there; returns its URL. */
  String put(String json) {
    boolean there =
        calls
            .askUnless(
                "Looking for the bucket " + bucket,
                () -> calls.clients().buckets().headBucket(r -> r.bucket(bucket)),
                e -> e instanceof S3Exception answer && answer.statusCode() == 404)
            .isPresent();
    if (!there) {
      makeBucket();
    }
    calls.change(
        "Putting the template into " + place(),
        "s3:PutObject",
        PutObjectRequest.builder().bucket(bucket).key(key).contentType("application/json").build(),
        request -> calls.clients().buckets().putObject(request, RequestBody.fromString(json)));
    return calls.clients().buckets().utilities().getUrl(r -> r.bucket(bucket).key(key)).toString();
  }

  private void makeBucket() {
    String region = calls.clients().region().toLowerCase(Locale.ROOT);
    var request = CreateBucketRequest.builder().bucket(bucket);
    if (!region.equals(ONLY_REGION_WITHOUT_NAME)) {
      request.createBucketConfiguration(c -> c.locationConstraint(region));
    }
    calls.change(
        "Making the bucket " + bucket,
        "s3:CreateBucket",
        request.build(),
        calls.clients().buckets()::createBucket);
    madeBucket = true;
  }

  /** Leaves nothing behind of what {@link #put} made. */
  void remove() {
    calls.change(
        "Removing " + place(),
        "s3:DeleteObject",
        DeleteObjectRequest.builder().bucket(bucket).key(key).build(),
        calls.clients().buckets()::deleteObject);
    if (madeBucket) {
      calls.change(
          "Removing the bucket " + bucket,
          "s3:DeleteBucket",
          DeleteBucketRequest.builder().bucket(bucket).build(),
          calls.clients().buckets()::deleteBucket);
    }
  }
}
