/** Tests of what is done on AWS, against an AWS of their own: {@link dev.pgportage.aws.FakeAws}. */
@NullMarked
package dev.pgportage.aws;

import org.jspecify.annotations.NullMarked;
