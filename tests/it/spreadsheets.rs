//! Tables as Excel writes them in Russia, Germany and America: what `check` proposes reads the right
//! values.

use winback::check::{TableCheck, TableCheckOptions};

/// Cyrillic letters of Windows-1251, and what Latin-1 has, as bytes.
fn ansi(text: &str) -> Vec<u8> {
    let byte = |c: char| match u32::from(c) {
        code @ 0x410..=0x44f => (code - 0x410 + 0xc0) as u8,
        0x2116 => 0xb9,
        code => u8::try_from(code).unwrap(),
    };
    text.chars().map(byte).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// A sheet: what it is, its bytes, the arguments proposed, the sum of the amounts, the time of the
/// first row, and how many rows are kept.
type Sheet =
    (&'static str, Vec<u8>, &'static [(&'static str, &'static str)], f64, &'static str, u64);

fn sheets() -> Vec<Sheet> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            "Russian, Windows-1251, decimal commas",
            ansi("Клиент;Дата;Сумма;Товар\r\nА-1;31.01.2024;1250,50;Чай\r\nА-2;01.02.2024;99,90;Сахар\r\nА-1;15.02.2024;10;Чай\r\n"),
            &[("encoding", "cp1251"), ("decimal", ",")],
            1_360.4,
            "2024-01-31",
            3,
        ),
        (
            "Russian, thousands set apart by a non-breaking space",
            ansi("Код клиента;Дата заказа;Сумма\r\n7;31.01.2024 14:30;12\u{a0}250,50\r\n8;01.02.2024 09:00;99,90\r\n"),
            &[
                ("encoding", "cp1251"), ("decimal", ","),
                ("thousands", " "),
            ],
            12_350.4,
            "2024-01-31T14:30:00",
            2,
        ),
        (
            "German, Windows-1252, points between thousands",
            ansi("Kundennr;Datum;Betrag;Kategorie\r\n17;31.01.2024;1.234,50;Käse\r\n18;01.02.2024;99,90;Brötchen\r\n"),
            &[
                ("encoding", "cp1252"), ("decimal", ","),
                ("thousands", "."),
            ],
            1_334.4,
            "2024-01-31",
            2,
        ),
        (
            "Unicode text: UTF-16 with tabs",
            utf16("Kunde\tDatum\tBetrag\r\nMüller\t31.01.2024\t12,50\r\nMaier\t01.02.2024\t7,25\r\n"),
            &[("decimal", ",")],
            19.75,
            "2024-01-31",
            2,
        ),
        (
            "the separator told in the first line",
            text("sep=;\r\nCustomer ID;Date;Amount\r\n17;2024-01-31;12.50\r\n18;2024-02-01;7.25\r\n"),
            &[],
            19.75,
            "2024-01-31",
            2,
        ),
        (
            "American dates with AM and PM",
            text("CustomerID,InvoiceDate,Amount\r\n17,1/31/2024 2:05 PM,12.50\r\n18,2/1/2024 12:10 AM,7.25\r\n"),
            &[("time_format", "%m/%d/%Y %I:%M %p")],
            19.75,
            "2024-01-31T14:05:00",
            2,
        ),
        (
            "American thousands",
            text("CustomerID,Date,Total\r\n17,1/31/2024,\"1,234.50\"\r\n18,2/1/2024,\"12,000\"\r\n18,2/2/2024,7.25\r\n"),
            &[("time_format", "%m/%d/%Y"), ("thousands", ",")],
            13_241.75,
            "2024-01-31",
            3,
        ),
        (
            "a total at the end",
            text("Клиент;Дата;Сумма\r\nа;2024-01-31;12.5\r\nб;2024-02-01;7.25\r\nИтого;;19.75\r\n"),
            &[("bad_rows", "drop")],
            19.75,
            "2024-01-31",
            2,
        ),
        (
            "empty rows at the end",
            text("Kunde;Datum;Betrag\r\n17;31.01.2024;12,50\r\n18;01.02.2024;7,25\r\n;;\r\n;;\r\n"),
            &[("decimal", ","), ("missing_ids", "drop")],
            19.75,
            "2024-01-31",
            2,
        ),
        (
            "a title above the names",
            ansi("Отчёт о продажах;;\r\n;;\r\nКлиент;Дата;Сумма\r\n7;31.01.2024;12,50\r\n8;01.02.2024;7,25\r\n".replace('ё', "е").as_str()),
            &[
                ("encoding", "cp1251"), ("skip_rows", "2"), ("decimal", ","),
            ],
            19.75,
            "2024-01-31",
            2,
        ),
        (
            "cells of several lines",
            text("Customer;Comment;Date;Amount\r\n17;\"two\nlines; and a sign\";2024-01-31;12.50\r\n18;\"a \"\"word\"\"\r\nmore\";2024-02-01;7.25\r\n"),
            &[],
            19.75,
            "2024-01-31",
            2,
        ),
    ]
}

#[test]
fn what_is_proposed_reads_the_right_values() {
    let folder = tempfile::tempdir().unwrap();
    for (place, (name, bytes, arguments, sum, first, kept)) in sheets().into_iter().enumerate() {
        let path = folder.path().join(format!("{place}.csv"));
        std::fs::write(&path, bytes).unwrap();
        let check = TableCheck::of_path(&path, &TableCheckOptions::default()).unwrap();
        assert_eq!((check.table, &check.problem), ("transactions", &None), "{name}\n{check}");
        let proposed: Vec<(&str, String)> = check
            .arguments
            .iter()
            .filter(|(name, _)| *name != "observed_until")
            .map(|(name, value)| (name.as_str(), value.to_string().replace('"', "")))
            .collect();
        let expected: Vec<(&str, String)> =
            arguments.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!(proposed, expected, "{name}");
        let log = check.event_log.as_ref().unwrap();
        let spent: f64 = log
            .customers()
            .indices()
            .map(|customer| {
                let history = log.history(customer, winback::Timestamp::MAX);
                history.lines().map(|line| line.amount).sum::<f64>()
            })
            .sum();
        assert!((spent - sum).abs() < 1e-9, "{name}: {spent}");
        assert_eq!(log.first_event(), first.parse().unwrap(), "{name}");
        assert_eq!(log.report().transactions.rows_kept, kept, "{name}");
    }
}
