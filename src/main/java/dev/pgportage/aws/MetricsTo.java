package dev.pgportage.aws;

/** How a running migration's figures get into CloudWatch. */
public enum MetricsTo {
  /**
   * As lines of the log in CloudWatch's embedded metric format: where the log goes to CloudWatch,
   * as in a container on ECS; no permission is needed.
   */
  EMF,
  /** By asking CloudWatch to take them: anywhere. Needs cloudwatch:PutMetricData. */
  PUT
}
