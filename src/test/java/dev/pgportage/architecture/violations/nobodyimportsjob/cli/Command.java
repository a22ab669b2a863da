package dev.pgportage.architecture.violations.nobodyimportsjob.cli;

import dev.pgportage.architecture.violations.nobodyimportsjob.job.Job;

record Command(Job job) {}
