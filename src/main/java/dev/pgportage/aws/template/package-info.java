/**
 * The CloudFormation templates: a model of what CloudFormation and Step Functions understand, the
 * templates of both engines built from it, and their renderings for people (YAML) and for the API
 * (JSON).
 *
 * <p>Computes text only. Must not call AWS, nor need its SDK.
 */
@NullMarked
package dev.pgportage.aws.template;

import org.jspecify.annotations.NullMarked;
