package dev.pgportage.architecture.violations.flinkonlyinjob.flink;

import org.apache.flink.configuration.Configuration;

record Submission(Configuration configuration) {}
