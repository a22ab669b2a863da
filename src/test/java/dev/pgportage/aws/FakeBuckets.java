package dev.pgportage.aws;

import java.util.Map;

/** S3. */
final class FakeBuckets {
  private FakeBuckets() {}

  /** A request's action. */
  static String action(String method, String path, Map<String, String> query) {
    return method + path + query;
  }
}
