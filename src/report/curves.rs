//! Charts of curves, with the band of their intervals.

use super::chart::{Anchor, CHARACTER, LINE, Plane, WIDTH, figure, label, line, marks};
use super::html::Html;

/// A point of a curve, and the ends of its interval, if it has one.
pub(super) type CurvePoint = (f64, f64, Option<(f64, f64)>);

/// A curve by its class in the style, which is that of its line.
pub(super) struct Curve {
    pub(super) class: &'static str,
    pub(super) name: String,
    /// By rising first coordinate.
    pub(super) points: Vec<CurvePoint>,
}

/// Curves over one axis.
pub(super) struct Curves<'a> {
    pub(super) head: &'a str,
    pub(super) alt: &'a str,
    pub(super) curves: Vec<Curve>,
    /// Labels of the axis below, with their places, from the left.
    pub(super) ticks: Vec<(f64, String)>,
}

/// Draws them; `shown` writes the marks of the axis at the side.
pub(super) fn curves(html: &mut Html, picture: &Curves<'_>, shown: impl Fn(f64) -> String) {
    let points = || picture.curves.iter().flat_map(|curve| &curve.points);
    let heights = || {
        points().flat_map(|&(_, y, ends)| {
            let (low, high) = ends.unwrap_or((y, y));
            [low, y, high]
        })
    };
    let marks = marks(heights().fold(0.0, f64::min), heights().fold(0.0, f64::max));
    let texts: Vec<String> = marks.iter().map(|&mark| shown(mark)).collect();
    let ends = points().map(|point| point.0).chain(picture.ticks.iter().map(|tick| tick.0));
    let (left, right) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let width = if right > left { right - left } else { 1.0 };
    figure(html, picture.head, picture.alt, 250.0, |html| {
        let mut x = 0.0;
        for Curve { class, name, .. } in &picture.curves {
            line(html, class, (x, 10.0), (x + 22.0, 10.0));
            label(html, x + 28.0, 14.0, Anchor::Start, name);
            x += 44.0 + CHARACTER * name.chars().count() as f64;
        }
        let plane = Plane::draw(html, &marks, &texts, 30.0, 220.0);
        if marks.contains(&0.0) {
            line(html, "zero", (plane.left, plane.y(0.0)), (WIDTH, plane.y(0.0)));
        }
        let across = |value: f64| plane.left + (value - left) / width * (WIDTH - plane.left);
        let at = |x: f64, y: f64| format!("{:.1},{:.1}", across(x), plane.y(y));
        for Curve { class, points, .. } in &picture.curves {
            let upper = points.iter().filter_map(|&(x, _, ends)| Some(at(x, ends?.1)));
            let lower = points.iter().rev().filter_map(|&(x, _, ends)| Some(at(x, ends?.0)));
            let band: Vec<String> = upper.chain(lower).collect();
            if !band.is_empty() {
                html.single("polygon", &[("class", "band"), ("points", &band.join(" "))]);
            }
            let own: Vec<String> = points.iter().map(|&(x, y, _)| at(x, y)).collect();
            html.single("polyline", &[("class", class), ("points", &own.join(" "))]);
        }
        let last = picture.ticks.len().saturating_sub(1);
        for (place, (value, text)) in picture.ticks.iter().enumerate() {
            let anchor = match place {
                0 => Anchor::Start,
                place if place == last => Anchor::End,
                _ => Anchor::Middle,
            };
            label(html, across(*value), 220.0 + LINE, anchor, text);
        }
    });
}
