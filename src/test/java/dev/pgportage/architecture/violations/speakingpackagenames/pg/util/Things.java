package dev.pgportage.architecture.violations.speakingpackagenames.pg.util;

record Things(int value) {}
