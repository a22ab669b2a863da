package dev.pgportage.architecture.violations.knownpackages.misc;

record Anything(int value) {}
