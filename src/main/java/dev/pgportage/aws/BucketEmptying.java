package dev.pgportage.aws;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Takes everything out of a bucket: all versions, delete markers and unfinished uploads. */
final class BucketEmptying {
  private final AwsCalls calls;
  private final String bucket;

  BucketEmptying(AwsCalls calls, String bucket) {
    this.calls = calls;
    this.bucket = bucket;
  }

  /** Empties it; returns how many objects are gone, and what could not be removed. */
  Result run() {
    long removed = 0;
    var left = new ArrayList<String>();
    String key = null;
    String version = null;
    while (true) {
      Optional<ListObjectVersionsResponse> page = page(key, version);
      if (page.isEmpty()) {
        return new Result(removed, left);
      }
      List<ObjectIdentifier> all = objects(page.get());
      if (!all.isEmpty()) {
        List<String> failed = remove(all);
        left.addAll(failed);
        removed += all.size() - failed.size();
      }
      if (!Boolean.TRUE.equals(page.get().isTruncated())) {
        break;
      }
      key = page.get().nextKeyMarker();
      version = page.get().nextVersionIdMarker();
    }
    abortUploads();
    return new Result(removed, left);
  }

  /**
   * What came of it.
   *
   * @param removed how many versions and markers
   * @param left keys that could not be removed, with the reason
   */
  record Result(long removed, List<String> left) {}

  private Optional<ListObjectVersionsResponse> page(
      @Nullable String key, @Nullable String version) {
    return calls.askUnless(
        "Listing the bucket " + bucket,
        () ->
            calls
                .clients()
                .buckets()
                .listObjectVersions(r -> r.bucket(bucket).keyMarker(key).versionIdMarker(version)),
        BucketEmptying::isMissing);
  }

  private static boolean isMissing(SdkException e) {
    return e instanceof S3Exception answer && answer.statusCode() == 404;
  }

  private static List<ObjectIdentifier> objects(ListObjectVersionsResponse page) {
    var all = new ArrayList<ObjectIdentifier>();
    page.versions().forEach(v -> all.add(object(v.key(), v.versionId())));
    page.deleteMarkers().forEach(m -> all.add(object(m.key(), m.versionId())));
    return all;
  }

  private static ObjectIdentifier object(String key, String version) {
    return ObjectIdentifier.builder().key(key).versionId(version).build();
  }

  private List<String> remove(List<ObjectIdentifier> objects) {
    Optional<DeleteObjectsResponse> answer =
        calls.change(
            "Emptying the bucket " + bucket,
            "s3:DeleteObjectVersion",
            DeleteObjectsRequest.builder()
                .bucket(bucket)
                .delete(d -> d.objects(objects).quiet(true))
                .build(),
            calls.clients().buckets()::deleteObjects);
    return answer.stream()
        .flatMap(a -> a.errors().stream())
        .map(error -> "s3://" + bucket + "/" + error.key() + ": " + error.message())
        .toList();
  }

  private void abortUploads() {
    calls
        .ask(
            "Listing unfinished uploads of " + bucket,
            () ->
                calls
                    .clients()
                    .buckets()
                    .listMultipartUploadsPaginator(r -> r.bucket(bucket))
                    .uploads()
                    .stream()
                    .toList())
        .forEach(
            upload ->
                calls.change(
                    "Ending an unfinished upload to " + bucket,
                    "s3:AbortMultipartUpload",
                    AbortMultipartUploadRequest.builder()
                        .bucket(bucket)
                        .key(upload.key())
                        .uploadId(upload.uploadId())
                        .build(),
                    calls.clients().buckets()::abortMultipartUpload));
  }
}
