package dev.pgportage.aws.template;

/** Who moves the rows in an AWS account; there is one template for each. */
public enum Engine {
  /** AWS Database Migration Service. */
  DMS,
  /** pgportage itself, on ECS Fargate. */
  NATIVE
}
