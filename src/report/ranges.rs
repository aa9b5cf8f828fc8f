//! Charts of intervals that lie one below the other.

use super::chart::{Anchor, CHARACTER, LINE, MOST_CHARACTERS, WIDTH, figure, label, line, marks};
use super::html::Html;
use super::words::clipped_to;

/// Room for half a label at both ends of the axis.
const MARGIN: f64 = 30.0;

/// A point with its interval, if it has one; its name stands above.
pub(super) struct Range {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) ends: Option<(f64, f64)>,
    pub(super) shown: String,
}

/// Intervals along one axis, on which 0 is.
pub(super) struct Ranges<'a> {
    pub(super) head: &'a str,
    pub(super) rows: Vec<Range>,
    /// Values that are marked, as those beyond which a difference is large.
    pub(super) limits: &'a [f64],
}

/// Draws them; `shown` writes the marks of the axis.
pub(super) fn ranges(html: &mut Html, picture: &Ranges<'_>, shown: impl Fn(f64) -> String) {
    let said: Vec<String> =
        picture.rows.iter().map(|row| format!("{}: {}", row.name, row.shown)).collect();
    let alt = format!("{}: {}", picture.head, said.join("; "));
    let all = || {
        let ends = picture.rows.iter().flat_map(|row| row.ends).flat_map(|ends| [ends.0, ends.1]);
        let values = picture.rows.iter().map(|row| row.value);
        ends.chain(values).chain(picture.limits.iter().copied()).chain([0.0])
    };
    let marks = marks(all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let (low, high) = (marks[0], marks[marks.len() - 1]);
    let x = |value: f64| MARGIN + (value - low) / (high - low) * (WIDTH - 2.0 * MARGIN);
    let row_height = LINE * 2.0 + 2.0;
    let bottom = picture.rows.len() as f64 * row_height + 4.0;
    figure(html, picture.head, &alt, bottom + LINE + 8.0, |html| {
        for &mark in &marks {
            let class = if mark == 0.0 { "zero" } else { "axis" };
            line(html, class, (x(mark), 0.0), (x(mark), bottom));
        }
        // As many labels as have room, the first among them.
        let longest = marks.iter().map(|&mark| shown(mark).chars().count()).max().unwrap_or(1);
        let room = (WIDTH - 2.0 * MARGIN) / (marks.len() - 1) as f64;
        let every = (CHARACTER * (longest as f64 + 1.0) / room).ceil().max(1.0) as usize;
        for &mark in marks.iter().step_by(every) {
            let text = shown(mark);
            // At the ends a label is moved in by as much as it needs.
            let half = CHARACTER * text.chars().count() as f64 / 2.0;
            let middle = x(mark).min(WIDTH - half).max(half);
            label(html, middle, bottom + LINE, Anchor::Middle, &text);
        }
        for &limit in picture.limits {
            line(html, "limit", (x(limit), 0.0), (x(limit), bottom));
        }
        for (place, row) in picture.rows.iter().enumerate() {
            let top = place as f64 * row_height;
            let text = clipped_to(&format!("{}: {}", row.name, row.shown), MOST_CHARACTERS);
            label(html, 0.0, top + 14.0, Anchor::Start, &text);
            let y = top + LINE + 8.0;
            if let Some((low, high)) = row.ends {
                line(html, "whisker", (x(low), y), (x(high), y));
                for end in [low, high] {
                    line(html, "whisker", (x(end), y - 4.0), (x(end), y + 4.0));
                }
            }
            let [cx, cy] = [x(row.value), y].map(|at| format!("{at:.1}"));
            html.single("circle", &[("class", "s-active"), ("cx", &cx), ("cy", &cy), ("r", "5")]);
        }
    });
}
