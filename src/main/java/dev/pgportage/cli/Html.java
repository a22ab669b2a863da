package dev.pgportage.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A piece of a page. Whatever comes from a database enters through {@link #text} or {@link #name},
 * which leave no markup in it.
 *
 * @param markup as it stands in the page
 */
record Html(String markup) {
  /** A text without any meaning as markup. */
  static Html text(String text) {
    return new Html(
        text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;")
            .replace("'", "&#39;"));
  }

  /** An object's name: letters that run from right to left do not turn what stands beside it. */
  static Html name(String name) {
    return element("bdi", text(name));
  }

  /** Something to be typed. */
  static Html code(String code) {
    return element("code", text(code));
  }

  /** A way to a page that lies beside this one. */
  static Html link(String file, String words) {
    return new Html("<a href=\"" + text(file).markup + "\">" + text(words).markup + "</a>");
  }

  /** A short word that stands out: {@code warn} or {@code good}. */
  static Html mark(String kind, String word) {
    return new Html("<span class=\"mark " + kind + "\">" + text(word).markup + "</span>");
  }

  static Html element(String name, Html content) {
    return new Html("<" + name + ">" + content.markup + "</" + name + ">");
  }

  Html and(Html other) {
    return new Html(markup + other.markup);
  }

  /** A part of the page with a title that links can lead to. */
  static Html section(String id, String title, Html content) {
    return new Html(
        "<section id=\"%s\" aria-labelledby=\"%1$s-title\">\n<h2 id=\"%1$s-title\">%s</h2>\n%s</section>\n"
            .formatted(id, text(title).markup, content.markup));
  }

  /** A paragraph. */
  static Html paragraph(String sentence) {
    return element("p", text(sentence));
  }

  /** Something that is opened by a click or a key. */
  static Html folded(String title, Html content) {
    return element("details", element("summary", text(title)).and(content));
  }

  /** A table; the first cell of each row is its heading. Not thread-safe. */
  static final class Table {
    private final String caption;
    private final List<String> header;
    private final List<Integer> numbers = new ArrayList<>();
    private final StringBuilder rows = new StringBuilder();

    /**
     * An empty table.
     *
     * @param header a column's title; one that begins with {@code #} holds numbers
     */
    Table(String caption, String... header) {
      this.caption = caption;
      this.header = List.of(header);
      for (int i = 0; i < header.length; i++) {
        if (header[i].startsWith("#")) {
          numbers.add(i);
        }
      }
    }

    Table row(Html... cells) {
      rows.append("<tr>");
      for (int i = 0; i < cells.length; i++) {
        String tag = i == 0 ? "th scope=\"row\"" : "td" + number(i);
        rows.append('<').append(tag).append('>').append(cells[i].markup);
        rows.append(i == 0 ? "</th>" : "</td>");
      }
      rows.append("</tr>\n");
      return this;
    }

    private String number(int column) {
      return numbers.contains(column) ? " class=\"number\"" : "";
    }

    boolean isEmpty() {
      return rows.isEmpty();
    }

    Html html() {
      var columns = new ArrayList<String>();
      for (int i = 0; i < header.size(); i++) {
        String title = text(header.get(i).replaceFirst("^#", "")).markup;
        columns.add("<th scope=\"col\"" + number(i) + ">" + title + "</th>");
      }
      return new Html(
          "<table>\n<caption>%s</caption>\n<thead><tr>%s</tr></thead>\n<tbody>\n%s</tbody>\n</table>\n"
              .formatted(
                  text(caption).markup, columns.stream().collect(Collectors.joining()), rows));
    }
  }
}
