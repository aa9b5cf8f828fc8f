//! Charts as inline SVG: bars and points, with labelled axes and alternative text for readers who
//! cannot see them.

use super::html::{Attribute, Html};
use super::words::{Words, clipped_to};

/// Units across; a phone shows nine tenths of a pixel for each.
pub(super) const WIDTH: f64 = 400.0;
/// About the width of a character.
pub(super) const CHARACTER: f64 = 8.0;
/// Characters of a line across the picture.
pub(super) const MOST_CHARACTERS: usize = 50;
/// Units of a line of text.
pub(super) const LINE: f64 = 18.0;

pub(super) fn figure(
    html: &mut Html,
    head: &str,
    alt: &str,
    height: f64,
    inside: impl FnOnce(&mut Html),
) {
    html.element("figure", &[], |html| {
        html.line("figcaption", head);
        let shown = format!("0 0 {WIDTH} {height:.0}");
        let attributes = [("viewBox", shown.as_str()), ("role", "img"), ("aria-label", alt)];
        html.element("svg", &attributes, inside);
    });
}

/// The end of a text that stands at a point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) fn label(html: &mut Html, x: f64, y: f64, anchor: Anchor, text: &str) {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let (x, y) = (format!("{x:.1}"), format!("{y:.1}"));
    let attributes = [("x", x.as_str()), ("y", y.as_str()), ("text-anchor", anchor)];
    html.element("text", &attributes, |html| html.text(text));
}

pub(super) fn line(html: &mut Html, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ends = [from.0, from.1, to.0, to.1].map(|at| format!("{at:.1}"));
    let [x1, y1, x2, y2] = &ends;
    html.single("line", &[("class", class), ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)]);
}

pub(super) fn rectangle(html: &mut Html, class: &str, at: (f64, f64), size: (f64, f64)) {
    let numbers = [at.0, at.1, size.0, size.1].map(|at| format!("{at:.1}"));
    let [x, y, width, height] = &numbers;
    let attributes: [Attribute<'_>; 5] =
        [("class", class), ("x", x), ("y", y), ("width", width), ("height", height)];
    html.single("rect", &attributes);
}

/// Round marks from `low` to at least `high`, three to six of them.
pub(super) fn marks(low: f64, high: f64) -> Vec<f64> {
    let range = (high - low).max(1e-9);
    let rough = range / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|part| part * power);
    let step = step.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough);
    let first = (low / step).floor();
    let last = (high / step - 1e-9).ceil().max(first + 1.0);
    (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect()
}

/// A picture with a vertical axis.
pub(super) struct Plane {
    pub(super) left: f64,
    top: f64,
    bottom: f64,
    low: f64,
    high: f64,
}

impl Plane {
    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)
    }

    /// Draws lines and labels of the marks, and gives the plane they span.
    pub(super) fn draw(
        html: &mut Html,
        marks: &[f64],
        texts: &[String],
        top: f64,
        bottom: f64,
    ) -> Plane {
        let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let left = 14.0 + CHARACTER * longest as f64;
        let (low, high) = (marks.first().copied(), marks.last().copied());
        let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(1.0));
        let plane = Plane { left, top, bottom, low, high };
        for (&mark, text) in marks.iter().zip(texts) {
            let y = plane.y(mark);
            line(html, "axis", (left, y), (WIDTH, y));
            label(html, left - 6.0, y + 4.0, Anchor::End, text);
        }
        plane
    }

    /// Place and width of the slot number `i` of `n`.
    fn slot(&self, i: usize, n: usize) -> (f64, f64) {
        let width = (WIDTH - self.left) / n.max(1) as f64;
        (self.left + width * i as f64, width)
    }

    /// Labels below as many slots as have room for theirs, the last one among them.
    fn labels<'a>(&self, html: &mut Html, labels: impl ExactSizeIterator<Item = &'a str> + Clone) {
        let n = labels.len();
        let longest = labels.clone().map(|text| text.chars().count()).max().unwrap_or(0);
        // The last one is moved in by up to half its width.
        let room = CHARACTER * longest as f64 * 1.2;
        let fit = (((WIDTH - self.left) / room) as usize).clamp(1, n.max(1));
        let every = n.div_ceil(fit).max(1);
        for (i, text) in labels.enumerate() {
            let (x, width) = self.slot(i, n);
            if (n - 1 - i).is_multiple_of(every) {
                let half = CHARACTER * text.chars().count() as f64 / 2.0;
                let middle = (x + width / 2.0).min(WIDTH - half).max(half);
                label(html, middle, self.bottom + LINE, Anchor::Middle, text);
            }
        }
    }
}

/// What is stacked in a bar, from below.
pub(super) struct Stacked<'a> {
    pub(super) head: &'a str,
    pub(super) alt: &'a str,
    /// Classes and names of the layers.
    pub(super) layers: [(&'static str, &'a str); 3],
    pub(super) bars: Vec<(String, [f64; 3])>,
}

/// Bars of counts over time.
pub(super) fn stacked(html: &mut Html, words: Words<'_>, picture: &Stacked<'_>) {
    let most = picture.bars.iter().map(|(_, layers)| layers.iter().sum()).fold(1.0, f64::max);
    let marks = marks(0.0, most);
    let texts: Vec<String> = marks.iter().map(|&mark| words.number(mark, 0)).collect();
    figure(html, picture.head, picture.alt, 250.0, |html| {
        let mut x = 0.0;
        for (class, name) in picture.layers {
            rectangle(html, class, (x, 4.0), (12.0, 12.0));
            label(html, x + 18.0, 14.0, Anchor::Start, name);
            x += 34.0 + CHARACTER * name.chars().count() as f64;
        }
        let plane = Plane::draw(html, &marks, &texts, 30.0, 220.0);
        for (i, (_, layers)) in picture.bars.iter().enumerate() {
            let (x, width) = plane.slot(i, picture.bars.len());
            let mut below = 0.0;
            for ((class, _), value) in picture.layers.iter().zip(layers) {
                let (top, bottom) = (plane.y(below + value), plane.y(below));
                let width = (width * 0.76).min(60.0);
                let x = x + (plane.slot(i, picture.bars.len()).1 - width) / 2.0;
                // A thin gap keeps layers apart where colours do not.
                let height = (bottom - top - 1.0).max(0.0);
                rectangle(html, class, (x, top), (width, height));
                below += value;
            }
        }
        plane.labels(html, picture.bars.iter().map(|(text, _)| text.as_str()));
    });
}

/// A bar that lies, with its name above and its figure behind.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) shown: String,
}

/// Bars one below the other, as long as their share of `most`.
pub(super) fn bars(html: &mut Html, head: &str, bars: &[Bar], most: f64) {
    let said: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.name, bar.shown)).collect();
    let longest = bars.iter().map(|bar| bar.shown.chars().count()).max().unwrap_or(0);
    let room = WIDTH - CHARACTER * longest as f64 - 10.0;
    let height = bars.len() as f64 * (LINE * 2.0 + 4.0) + 4.0;
    figure(html, head, &format!("{head}: {}", said.join("; ")), height, |html| {
        for (i, bar) in bars.iter().enumerate() {
            let y = i as f64 * (LINE * 2.0 + 4.0);
            label(html, 0.0, y + 14.0, Anchor::Start, &clipped_to(&bar.name, MOST_CHARACTERS));
            let share = if most > 0.0 { (bar.value / most).clamp(0.0, 1.0) } else { 0.0 };
            let width = (room * share).max(1.0);
            rectangle(html, bar.class, (0.0, y + LINE + 2.0), (width, 14.0));
            label(html, width + 6.0, y + LINE + 13.0, Anchor::Start, &bar.shown);
        }
    });
}

/// A value with the ends of its interval.
pub(super) type Estimate = (f64, f64, f64);

/// Points over time with their intervals; a period without one stays empty.
pub(super) struct Points<'a> {
    pub(super) head: &'a str,
    pub(super) alt: &'a str,
    pub(super) points: Vec<(String, Option<Estimate>)>,
    /// The least and the most that the axis shows.
    pub(super) range: (f64, f64),
}

/// Points with intervals; `shown` writes the marks of the axis.
pub(super) fn points(html: &mut Html, picture: &Points<'_>, shown: impl Fn(f64) -> String) {
    let marks = marks(picture.range.0, picture.range.1);
    let texts: Vec<String> = marks.iter().map(|&mark| shown(mark)).collect();
    let n = picture.points.len();
    figure(html, picture.head, picture.alt, 215.0, |html| {
        let plane = Plane::draw(html, &marks, &texts, 10.0, 185.0);
        for (i, (_, estimate)) in picture.points.iter().enumerate() {
            let Some((value, low, high)) = *estimate else { continue };
            let (x, width) = plane.slot(i, n);
            let x = x + width / 2.0;
            let (top, bottom) = (plane.y(high), plane.y(low));
            line(html, "whisker", (x, top), (x, bottom));
            for end in [top, bottom] {
                line(html, "whisker", (x - 4.0, end), (x + 4.0, end));
            }
            let [x, y] = [x, plane.y(value)].map(|at| format!("{at:.1}"));
            html.single("circle", &[("class", "s-active"), ("cx", &x), ("cy", &y), ("r", "5")]);
        }
        plane.labels(html, picture.points.iter().map(|(text, _)| text.as_str()));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_are_round() {
        assert_eq!(marks(0.0, 730.0), [0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!(marks(0.0, 1.0), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(marks(-100.0, 100.0), [-100.0, -50.0, 0.0, 50.0, 100.0]);
    }

    proptest! {
        #[test]
        fn prop_marks_hold_the_range(low in -1e6..1e6, size in 1e-3..1e7) {
            let marks = marks(low, low + size);
            prop_assert!((2..=8).contains(&marks.len()), "{marks:?}");
            let slack = size * 1e-6;
            prop_assert!(marks[0] <= low + slack && *marks.last().unwrap() >= low + size - slack);
        }
    }
}
