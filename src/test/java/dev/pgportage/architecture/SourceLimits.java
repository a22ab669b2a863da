package dev.pgportage.architecture;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Measures classes and methods in their sources, without comments above them. */
final class SourceLimits {
  static final int CLASS_LINES = 400;
  static final int METHOD_LINES = 40;

  private SourceLimits() {}

  /** A sentence for each class and method below a directory that is longer than allowed. */
  static List<String> violations(Path directory) throws IOException {
    var compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK is needed");
    try (var manager = compiler.getStandardFileManager(null, null, null);
        var paths = Files.walk(directory)) {
      List<Path> sources = paths.filter(path -> path.toString().endsWith(".java")).toList();
      Iterable<? extends JavaFileObject> files = manager.getJavaFileObjectsFromPaths(sources);
      var task = (JavacTask) compiler.getTask(null, manager, null, null, null, files);
      var found = new ArrayList<String>();
      for (CompilationUnitTree unit : task.parse()) {
        new Measure(unit, Trees.instance(task).getSourcePositions(), found).scan(unit, null);
      }
      return found;
    }
  }

  private static final class Measure extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> found;

    Measure(CompilationUnitTree unit, SourcePositions positions, List<String> found) {
      this.unit = unit;
      this.positions = positions;
      this.found = found;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
      report(type, "class " + type.getSimpleName(), CLASS_LINES);
      return super.visitClass(type, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
      report(method, "method " + method.getName(), METHOD_LINES);
      return super.visitMethod(method, null);
    }

    private void report(Tree tree, String what, int limit) {
      long lines = line(positions.getEndPosition(unit, tree)) - line(start(tree)) + 1;
      if (lines > limit) {
        found.add(
            "%s in %s has %d lines, more than %d"
                .formatted(what, Path.of(unit.getSourceFile().getName()), lines, limit));
      }
    }

    private long start(Tree tree) {
      return positions.getStartPosition(unit, tree);
    }

    private long line(long position) {
      return unit.getLineMap().getLineNumber(position);
    }
  }
}
