//! What all pages have in common: head, contents, sections, foot.

use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::Words;
use crate::language::Text;

const STYLE: &str = include_str!("style.css");

/// A section: its anchor, its heading, and what writes it.
pub(super) struct Section<'a> {
    pub(super) anchor: &'static str,
    pub(super) heading: Text,
    pub(super) write: Box<dyn Fn(&mut Html) + 'a>,
}

/// What stands above and below the sections.
pub(super) struct Head<'a> {
    /// In the browser's tab.
    pub(super) title: &'a str,
    pub(super) heading: &'a str,
    pub(super) lead: &'a str,
    pub(super) foot: Text,
}

/// A page that needs nothing from elsewhere.
pub(super) fn page(words: Words<'_>, head: Head<'_>, sections: &[Section<'_>]) -> String {
    let mut html = Html::default();
    html.markup("<!DOCTYPE html>\n");
    html.element("html", &[("lang", words.language.name())], |html| {
        html.element("head", &[], |html| {
            html.markup(
                "<meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
                 <meta name=\"color-scheme\" content=\"light dark\">\
                 <meta http-equiv=\"Content-Security-Policy\" \
                 content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            );
            html.line("title", head.title);
            html.markup("<style>");
            html.markup(STYLE);
            html.markup("</style>");
        });
        html.element("body", &[], |html| {
            html.element("header", &[], |html| {
                html.line("h1", head.heading);
                html.line("p", head.lead);
                contents(words, sections, html);
            });
            html.element("main", &[], |html| {
                for Section { anchor, heading, write } in sections {
                    let head = format!("{anchor}-head");
                    let attributes = [("id", *anchor), ("aria-labelledby", head.as_str())];
                    html.element("section", &attributes, |html| {
                        html.element("h2", &[("id", &head)], |h| h.text(words.text(*heading)));
                        write(html);
                    });
                    html.markup("\n");
                }
            });
            html.element("footer", &[], |html| html.line("p", words.text(head.foot)));
        });
    });
    html.markup("\n");
    html.into_string()
}

/// A table of names and what they are.
pub(super) fn names_and_values(
    words: Words<'_>,
    caption: Text,
    lines: Vec<(Text, String)>,
    html: &mut Html,
) {
    let columns = [Column::text(words.text(t::WHAT)), Column::text(words.text(t::VALUE))];
    let rows: Vec<Vec<Cell>> = lines
        .into_iter()
        .map(|(name, value)| vec![Cell::Text(words.text(name).into()), Cell::Text(value)])
        .collect();
    html.table(words.text(caption), Narrow::Stack, "", &columns, &rows);
}

fn contents(words: Words<'_>, sections: &[Section<'_>], html: &mut Html) {
    html.element("nav", &[("aria-label", words.text(t::CONTENTS))], |html| {
        html.element("ul", &[], |html| {
            for Section { anchor, heading, .. } in sections {
                html.element("li", &[], |html| {
                    let target = format!("#{anchor}");
                    html.element("a", &[("href", &target)], |html| {
                        html.text(words.text(*heading));
                    });
                });
            }
        });
    });
}
