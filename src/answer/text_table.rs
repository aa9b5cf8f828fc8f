//! Tables of text with aligned columns.

/// Which side a column's texts stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At the start of the column.
    Left,
    /// At its end.
    Right,
}

/// Lays out rows under their heads, two spaces between columns. Each row has one text per head.
pub fn aligned(heads: &[(&str, Side)], rows: &[Vec<String>]) -> String {
    let width_of = |i: usize| {
        let cells = rows.iter().map(|row| row[i].chars().count());
        cells.fold(heads[i].0.chars().count(), usize::max)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width_of).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(heads).zip(&widths).map(|((cell, (_, side)), &width)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut heads.iter().map(|head| head.0))];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_text() {
        let rows = [vec!["é".into(), "1".into()], vec!["abc".into(), "1,000".into()]];
        let text = aligned(&[("id", Side::Left), ("n", Side::Right)], &rows);
        assert_eq!(text, "id       n\né        1\nabc  1,000");
    }
}
