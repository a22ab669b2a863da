package dev.pgportage.architecture.violations.importsdownward.pg;

import dev.pgportage.architecture.violations.importsdownward.load.High;

record Low(High high) {}
