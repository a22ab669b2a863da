package dev.pgportage.architecture.violations.fewconstructorparameters.load;

final class Wide {
  final int sum;

  Wide(int a, int b, int c, int d, int e, int f, int g) {
    sum = a + b + c + d + e + f + g;
  }
}
