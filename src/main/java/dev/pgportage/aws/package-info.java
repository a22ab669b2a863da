/**
 * AWS: stacks and workflows of CloudFormation and Step Functions driven from here, and the ports of
 * {@code config} that AWS can serve.
 *
 * <p>Nobody but the command line knows this package. Must not print, nor hold a rule of a
 * migration: those are the workflow's.
 */
@NullMarked
package dev.pgportage.aws;

import org.jspecify.annotations.NullMarked;
