//! HTML that cannot forget to escape: markup comes only from the source code (`&'static str`);
//! everything else goes through [`Html::text`] or an attribute, and is escaped.

use crate::answer::escape;

/// A page, or a part of one, as it is written.
#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
}

/// Name and value.
pub(super) type Attribute<'a> = (&'static str, &'a str);

impl Html {
    pub(super) fn into_string(self) -> String {
        self.out
    }

    /// Markup of the source text itself.
    pub(super) fn markup(&mut self, markup: &'static str) {
        self.out.push_str(markup);
    }

    /// Text, escaped.
    pub(super) fn text(&mut self, text: &str) {
        self.out.push_str(&escape::html(text));
    }

    fn begin(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
    }

    /// An element with what `inside` writes.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        inside: impl FnOnce(&mut Html),
    ) {
        self.begin(name, attributes);
        self.out.push('>');
        inside(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element of text alone.
    pub(super) fn line(&mut self, name: &'static str, text: &str) {
        self.element(name, &[], |html| html.text(text));
    }

    /// An element of text alone, of a class.
    pub(super) fn classed(&mut self, name: &'static str, class: &str, text: &str) {
        self.element(name, &[("class", class)], |html| html.text(text));
    }

    /// A text; a figure with what it was rounded from.
    pub(super) fn datum(&mut self, (exact, shown): &Datum) {
        match exact {
            Some(exact) => {
                let value = exact.to_string();
                self.element("data", &[("value", &value)], |html| html.text(shown));
            }
            None => self.text(shown),
        }
    }

    /// An element without an end of its own, as shapes of a picture.
    pub(super) fn single(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.begin(name, attributes);
        self.out.push_str("/>");
    }

    /// What can be unfolded below its head.
    pub(super) fn details(&mut self, summary: &str, inside: impl FnOnce(&mut Html)) {
        self.element("details", &[], |html| {
            html.line("summary", summary);
            inside(html);
        });
    }
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Text(String),
    /// Lines with a mark each.
    Lines(Vec<String>),
    /// A text with a class.
    Classed(&'static str, String),
    /// Texts, of which figures have what they were rounded from.
    Data(Vec<Datum>),
}

/// A text, and where it is a figure what it was rounded from.
pub(super) type Datum = (Option<f64>, String);

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct Column {
    name: String,
    class: &'static str,
}

impl Column {
    pub(super) fn text(name: impl Into<String>) -> Self {
        Column { name: name.into(), class: "" }
    }

    pub(super) fn number(name: impl Into<String>) -> Self {
        Column { name: name.into(), class: "n" }
    }

    /// Text that needs room.
    pub(super) fn long(name: impl Into<String>) -> Self {
        Column { name: name.into(), class: "long" }
    }

    /// Short text that is not to be broken.
    pub(super) fn whole(name: impl Into<String>) -> Self {
        Column { name: name.into(), class: "nowrap" }
    }
}

/// How a table gets on with a narrow screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrow {
    /// It scrolls.
    Scroll,
    /// Its rows become cards.
    Stack,
}

impl Html {
    /// A table whose first column names its rows.
    pub(super) fn table(
        &mut self,
        caption: &str,
        narrow: Narrow,
        class: &'static str,
        columns: &[Column],
        rows: &[Vec<Cell>],
    ) {
        let table = |html: &mut Html| {
            // Roles stay when the rows of a narrow screen are no longer laid out as a table.
            let shape = if narrow == Narrow::Stack { "stack" } else { class };
            html.element("table", &[("class", shape), ("role", "table")], |html| {
                html.line("caption", caption);
                html.element("thead", &[("role", "rowgroup")], |html| {
                    html.element("tr", &[("role", "row")], |html| {
                        for Column { name, class } in columns {
                            let attributes =
                                [("scope", "col"), ("role", "columnheader"), ("class", class)];
                            html.element("th", &attributes, |html| html.text(name));
                        }
                    });
                });
                html.element("tbody", &[("role", "rowgroup")], |html| {
                    rows.iter().for_each(|row| html.row(columns, row));
                });
            });
        };
        match narrow {
            Narrow::Stack => table(self),
            Narrow::Scroll => {
                let around = [
                    ("class", "scroll"),
                    ("role", "region"),
                    ("tabindex", "0"),
                    ("aria-label", caption),
                ];
                self.element("div", &around, table);
            }
        }
    }

    fn row(&mut self, columns: &[Column], row: &[Cell]) {
        self.element("tr", &[("role", "row")], |html| {
            for (place, (column, cell)) in columns.iter().zip(row).enumerate() {
                let class = match cell {
                    Cell::Classed(class, _) => class,
                    _ => column.class,
                };
                let name = if place == 0 { "th" } else { "td" };
                let mut attributes: Vec<Attribute<'_>> = match place {
                    0 => vec![("scope", "row"), ("role", "rowheader")],
                    _ => vec![("role", "cell")],
                };
                if !class.is_empty() {
                    attributes.push(("class", class));
                }
                attributes.push(("data-label", &column.name));
                html.element(name, &attributes, |html| match cell {
                    Cell::Text(text) | Cell::Classed(_, text) => html.text(text),
                    Cell::Lines(lines) => html.element("ul", &[], |html| {
                        lines.iter().for_each(|line| html.line("li", line));
                    }),
                    Cell::Data(data) => data.iter().for_each(|datum| html.datum(datum)),
                });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_are_escaped() {
        let mut html = Html::default();
        html.element("p", &[("title", "\"><script>")], |html| html.text("<b>'a' & \u{202e}b\u{0}"));
        assert_eq!(
            html.into_string(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&#39;a&#39; &amp; \u{fffd}b\u{fffd}</p>"
        );
    }

    #[test]
    fn a_table_names_its_rows_and_columns() {
        let mut html = Html::default();
        let columns = [Column::text("who"), Column::number("how many")];
        let rows = [vec![Cell::from("<i>".to_owned()), Cell::from("3".to_owned())]];
        html.table("People", Narrow::Stack, "", &columns, &rows);
        let text = html.into_string();
        assert!(text.contains("<caption>People</caption>"));
        assert!(
            text.contains(r#"<th scope="row" role="rowheader" data-label="who">&lt;i&gt;</th>"#)
        );
        assert!(text.contains(r#"<td role="cell" class="n" data-label="how many">3</td>"#));
    }
}
