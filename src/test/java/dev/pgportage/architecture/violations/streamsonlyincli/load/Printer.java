package dev.pgportage.architecture.violations.streamsonlyincli.load;

final class Printer {
  private Printer() {}

  static void print() {
    System.err.println("not here");
  }
}
