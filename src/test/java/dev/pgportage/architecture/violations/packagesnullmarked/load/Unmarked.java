package dev.pgportage.architecture.violations.packagesnullmarked.load;

record Unmarked(int value) {}
