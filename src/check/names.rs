//! What columns are usually called, in English, German and Russian.

/// What a column of the input may be, by winback's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    CustomerId,
    Time,
    Amount,
    OrderId,
    Category,
    Channel,
    Discount,
    ValidUntil,
    KnownAt,
    OpenedAt,
    FirstResponseAt,
    ResolvedAt,
    Topic,
    ReopenedCount,
    Satisfaction,
    Score,
    /// What happened.
    Kind,
    /// A price of one piece, and how many: together an amount.
    Price,
    Quantity,
}

impl Role {
    /// The name of the column in winback; none for what is no column of its own.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Role::CustomerId => "customer_id",
            Role::Time => "time",
            Role::Amount => "amount",
            Role::OrderId => "order_id",
            Role::Category => "category",
            Role::Channel => "channel",
            Role::Discount => "discount",
            Role::ValidUntil => "valid_until",
            Role::KnownAt => "known_at",
            Role::OpenedAt => "opened_at",
            Role::FirstResponseAt => "first_response_at",
            Role::ResolvedAt => "resolved_at",
            Role::Topic => "topic",
            Role::ReopenedCount => "reopened_count",
            Role::Satisfaction => "satisfaction",
            Role::Score => "score",
            Role::Kind => "kind",
            Role::Price => "price",
            Role::Quantity => "quantity",
        }
    }
}

impl Role {
    /// The column of this name.
    pub(super) fn named(name: &str) -> Option<Role> {
        HINTS.iter().map(|hints| hints.role).find(|role| role.name() == name)
    }
}

/// The words of a name, in lower case: `InvoiceDate` and `invoice_date` are two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before_lower = false;
    for c in name.chars() {
        let starts = c.is_uppercase() && before_lower;
        if (!c.is_alphanumeric() || starts) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase() || c.is_numeric();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Starts of words that name a role, or speak against it.
struct Hints {
    role: Role,
    /// Whole names, words run together.
    names: &'static [&'static str],
    /// Each of them makes the role likely.
    stems: &'static [&'static str],
    /// These only beside one of `stems`, or alone as the whole name.
    helpers: &'static [&'static str],
    /// Any of them rules the role out.
    against: &'static [&'static str],
}

const CUSTOMERS: &[&str] = &[
    "customer",
    "cust",
    "client",
    "user",
    "buyer",
    "member",
    "household",
    "hshd",
    "account",
    "donor",
    "caller",
    "patient",
    "subscriber",
    "shopper",
    "kunde",
    "kund",
    "käufer",
    "kaeufer",
    "besteller",
    "контрагент",
    "клиент",
    "покупател",
    "абонент",
    "донор",
    "пользовател",
];
const IDS: &[&str] = &[
    "id",
    "ids",
    "no",
    "nr",
    "num",
    "number",
    "key",
    "code",
    "nummer",
    "uid",
    "uuid",
    "hash",
    "код",
    "номер",
    "ид",
    "№",
];
const TIMES: &[&str] = &[
    "date",
    "time",
    "timestamp",
    "datetime",
    "day",
    "at",
    "datum",
    "zeit",
    "zeitpunkt",
    "tag",
    "дата",
    "время",
    "день",
    "on",
    "ts",
    "dt",
];
/// Times of something else than a purchase.
const NO_PURCHASE_TIMES: &[&str] = &[
    "birth",
    "born",
    "geburt",
    "рожд",
    "deliver",
    "ship",
    "liefer",
    "достав",
    "estimat",
    "due",
    "expir",
    "end",
    "churn",
    "cancel",
    "sign",
    "registr",
    "join",
    "update",
    "modif",
    "close",
    "resolv",
    "zone",
    "duration",
    "fällig",
    "kündig",
    "регистр",
    "отмен",
    "изменен",
    "since",
    "last",
    "first",
    "open",
    "submit",
    "respon",
    "usage",
    "review",
    "survey",
];

/// Of them those that a purchase or an answer may have where it has no other time.
const TIMES_OF_ACTS: &[&str] =
    &["open", "submit", "respon", "usage", "review", "survey", "update", "close", "resolv"];

/// Whether the only time of a table may be that of its rows.
pub(super) fn may_be_the_time(name: &str) -> bool {
    let is_else = |word: &String| {
        let begins = |start: &&&str| {
            if start.chars().count() <= 3 { word == **start } else { word.starts_with(**start) }
        };
        NO_PURCHASE_TIMES.iter().filter(|start| !TIMES_OF_ACTS.contains(start)).any(|s| begins(&s))
    };
    !words(name).iter().any(is_else)
}

const HINTS: &[Hints] = &[
    Hints {
        role: Role::CustomerId,
        names: &["customerid", "customer", "kundennr", "kundennummer", "клиент", "cid", "custid"],
        stems: CUSTOMERS,
        helpers: IDS,
        against: &[
            "name",
            "phone",
            "city",
            "state",
            "zip",
            "country",
            "age",
            "type",
            "segment",
            "group",
            "gender",
            "status",
            "value",
            "since",
            "master",
            "address",
            "date",
            "tier",
            "size",
            "comp",
            "count",
            "length",
            "service",
            "rating",
            "имя",
            "фио",
            "телефон",
            "город",
            "ort",
            "plz",
            "land",
            "lifetime",
            "tarif",
            "plan",
            "manager",
            "agent",
        ],
    },
    Hints {
        role: Role::Time,
        names: &[
            "time",
            "date",
            "datetime",
            "timestamp",
            "datum",
            "дата",
            "время",
            "orderdate",
            "invoicedate",
            "purchasedate",
            "transactiondate",
            "transdate",
            "dateofpurchase",
            "created",
            "createdutc",
            "kaufdatum",
            "bestelldatum",
            "rechnungsdatum",
            "buchungstag",
            "belegdatum",
        ],
        stems: TIMES,
        helpers: &[
            "order",
            "invoice",
            "purchase",
            "trans",
            "transaction",
            "tran",
            "buy",
            "bought",
            "paid",
            "payment",
            "sale",
            "sales",
            "receipt",
            "start",
            "redemption",
            "event",
            "created",
            "kauf",
            "bestell",
            "rechnung",
            "beleg",
            "покупк",
            "заказ",
            "чек",
            "продаж",
            "оплат",
            "операци",
        ],
        against: NO_PURCHASE_TIMES,
    },
    Hints {
        role: Role::Amount,
        names: &[
            "amount",
            "total",
            "revenue",
            "sales",
            "betrag",
            "umsatz",
            "summe",
            "сумма",
            "выручка",
            "turnover",
            "spend",
            "spent",
            "paid",
            "totalprice",
            "ordertotal",
            "salesvalue",
            "gesamtbetrag",
            "стоимость",
            "оборот",
            "итого",
            "gesamt",
            "value",
            "mrr",
            "gmv",
        ],
        stems: &[
            "amount",
            "amt",
            "revenue",
            "sales",
            "betrag",
            "umsatz",
            "summe",
            "сумм",
            "выручк",
            "total",
            "dollar",
            "spend",
            "spent",
            "turnover",
            "стоимост",
            "paid",
            "payment",
            "donation",
            "gross",
            "net",
            "brutto",
            "netto",
            "price",
            "preis",
            "цена",
            "mrr",
        ],
        helpers: &["value", "usd", "eur", "rub", "euro", "wert"],
        against: &[
            "tax",
            "vat",
            "mwst",
            "steuer",
            "ндс",
            "disc",
            "rabatt",
            "скидк",
            "ship",
            "freight",
            "qty",
            "quantity",
            "count",
            "number",
            "refund",
            "type",
            "method",
            "id",
            "date",
            "status",
            "currency",
            "unit",
            "einzel",
            "stück",
            "arr",
            "channel",
            "hike",
            "credit",
            "cashback",
            "loss",
            "duration",
            "mode",
            "нал",
        ],
    },
    Hints {
        role: Role::OrderId,
        names: &[
            "orderid",
            "order",
            "orderno",
            "ordernumber",
            "invoice",
            "invoiceno",
            "invoiceid",
            "basketid",
            "transactionid",
            "receiptno",
            "receiptid",
            "bonnr",
            "belegnr",
            "bestellnr",
            "rechnungsnr",
            "auftragsnr",
            "номерзаказа",
            "номерчека",
            "документ",
            "чек",
            "заказ",
            "bon",
            "beleg",
            "bestellung",
            "transaction",
        ],
        stems: &[
            "order",
            "invoice",
            "basket",
            "receipt",
            "transaction",
            "trans",
            "check",
            "cheque",
            "bon",
            "beleg",
            "bestell",
            "rechnung",
            "auftrag",
            "заказ",
            "чек",
            "накладн",
            "документ",
            "subscription",
            "donation",
        ],
        helpers: IDS,
        against: &[
            "date",
            "time",
            "day",
            "status",
            "line",
            "item",
            "type",
            "amount",
            "amt",
            "quantity",
            "qty",
            "count",
            "total",
            "value",
            "datum",
            "дата",
            "сумма",
            "betrag",
            "cat",
            "price",
            "method",
            "timestamp",
            "zeile",
            "channel",
            "delivered",
            "at",
        ],
    },
    Hints {
        role: Role::Category,
        names: &[
            "category",
            "productcategory",
            "department",
            "kategorie",
            "warengruppe",
            "категория",
            "productgroup",
            "itemcategory",
            "genre",
            "plantier",
        ],
        stems: &[
            "category",
            "categ",
            "department",
            "dept",
            "kategorie",
            "warengruppe",
            "категори",
            "product",
            "sku",
            "article",
            "artikel",
            "item",
            "товар",
            "артикул",
            "stock",
            "plan",
            "tariff",
            "produkt",
            "genre",
        ],
        helpers: &["code", "group", "gruppe", "tier", "id", "nr", "type", "no"],
        against: &[
            "price", "preis", "quantity", "qty", "count", "name", "date", "цена", "desc", "amount",
            "value", "total",
        ],
    },
    Hints {
        role: Role::Channel,
        names: &[
            "channel",
            "kanal",
            "канал",
            "store",
            "storeid",
            "shop",
            "filiale",
            "магазин",
            "branch",
            "saleschannel",
            "platform",
            "точка",
        ],
        stems: &[
            "channel",
            "kanal",
            "канал",
            "store",
            "shop",
            "filial",
            "магазин",
            "branch",
            "platform",
            "outlet",
            "country",
            "region",
        ],
        helpers: &["id", "nr", "no", "code", "name", "sales"],
        against: &["date", "time", "amount"],
    },
    Hints {
        role: Role::Discount,
        names: &["discount", "rabatt", "скидка", "retaildisc", "discountamount"],
        stems: &["discount", "disc", "rabatt", "скидк", "nachlass"],
        helpers: &["amount", "betrag", "value", "retail"],
        against: &[
            "percent",
            "pct",
            "prozent",
            "code",
            "type",
            "процент",
            "coupon",
            "match",
            "flag",
        ],
    },
    Hints {
        role: Role::ValidUntil,
        names: &[
            "validuntil",
            "validto",
            "validthru",
            "paiduntil",
            "paidthrough",
            "enddate",
            "end",
            "endsat",
            "periodend",
            "currentperiodend",
            "gültigbis",
            "laufzeitende",
            "vertragsende",
            "действуетдо",
        ],
        stems: &["end", "ends", "expir", "until", "bis", "ende", "ablauf", "оконч", "конец"],
        helpers: &[
            "contract",
            "subscription",
            "membership",
            "period",
            "term",
            "valid",
            "paid",
            "date",
            "at",
            "vertrag",
            "laufzeit",
            "gültig",
            "abo",
            "дата",
            "договор",
            "подписк",
            "действ",
        ],
        against: &[
            "cancel",
            "churn",
            "actual",
            "deliver",
            "trial",
            "event",
            "session",
            "return",
            "kündig",
            "отмен",
            "promo",
            "sale",
        ],
    },
    Hints {
        role: Role::KnownAt,
        names: &["knownat", "importedat", "loadedat", "insertedat", "ingestedat", "recordedat"],
        stems: &["import", "loaded", "insert", "ingest", "recorded", "известн", "загруж"],
        helpers: TIMES,
        against: &["by"],
    },
    Hints {
        role: Role::OpenedAt,
        names: &[
            "openedat",
            "submittedat",
            "createdat",
            "opened",
            "erstelltam",
            "создан",
            "открыт",
        ],
        stems: &["open", "submit", "creat", "raised", "erstellt", "созда", "откры", "eröffnet"],
        helpers: TIMES,
        against: &["by", "sys", "id"],
    },
    Hints {
        role: Role::FirstResponseAt,
        names: &["firstresponseat", "respondedat", "answeredat", "firstreplyat"],
        stems: &["respon", "repl", "answered", "antwort", "ответ"],
        helpers: &["first", "at", "date"],
        against: &["by", "minutes", "hours", "secs", "duration"],
    },
    Hints {
        role: Role::ResolvedAt,
        names: &["resolvedat", "closedat", "solvedat", "gelöstam", "решено", "закрыт"],
        stems: &["resolv", "solved", "closed", "gelöst", "geschlossen", "реше", "закры"],
        helpers: TIMES,
        against: &["by", "code", "hours", "minutes", "duration"],
    },
    Hints {
        role: Role::Topic,
        names: &[
            "topic",
            "thema",
            "тема",
            "category",
            "subject",
            "issue",
            "kategorie",
            "категория",
        ],
        stems: &["topic", "thema", "тема", "subject", "issue", "categor", "kategor", "категор"],
        helpers: &["type"],
        against: &["sub", "id", "date"],
    },
    Hints {
        role: Role::Kind,
        names: &[
            "event",
            "eventtype",
            "eventname",
            "eventkind",
            "kind",
            "action",
            "actiontype",
            "activity",
            "activitytype",
            "featurename",
            "ereignis",
            "aktion",
            "событие",
            "действие",
        ],
        stems: &["event", "action", "activit", "feature", "ereignis", "событи", "действи"],
        helpers: &["type", "name", "kind", "typ", "тип"],
        against: &["id", "date", "time", "at", "count", "trans", "score", "share", "rate"],
    },
    Hints {
        role: Role::ReopenedCount,
        names: &["reopenedcount", "reopencount", "reopened"],
        stems: &["reopen", "wiedereröffn", "переоткр"],
        helpers: &["count", "number"],
        against: &["at", "by"],
    },
    Hints {
        role: Role::Satisfaction,
        names: &["satisfaction", "satisfactionscore", "csat", "zufriedenheit", "оценка"],
        stems: &["satisf", "csat", "zufrieden", "удовлетв"],
        helpers: &["score", "rating"],
        against: &["comment", "text"],
    },
    Hints {
        role: Role::Score,
        names: &["score", "nps", "npsscore", "rating", "bewertung", "оценка", "балл"],
        stems: &["nps", "score", "rating", "bewert", "оценк", "балл", "recommend"],
        helpers: &["value"],
        against: &["comment", "text", "churn", "credit", "satisf", "date"],
    },
    Hints {
        role: Role::Price,
        names: &["price", "unitprice", "preis", "einzelpreis", "stückpreis", "цена", "stueckpreis"],
        stems: &["price", "preis", "цена"],
        helpers: &["unit", "einzel"],
        against: &["total", "gesamt", "change", "id"],
    },
    Hints {
        role: Role::Quantity,
        names: &["quantity", "qty", "menge", "anzahl", "количество", "колво", "units", "pieces"],
        stems: &["quantity", "qty", "menge", "anzahl", "количеств"],
        helpers: &["order"],
        against: &["value", "price", "date"],
    },
];

const EMAILS: [&str; 9] = [
    "email",
    "mail",
    "emailaddress",
    "emailadresse",
    "customeremail",
    "useremail",
    "buyeremail",
    "billingemail",
    "kundenemail",
];

/// How well a name suits a role, from 0 (not at all) to 1 (the name of the column in winback).
pub(super) fn suits(name: &str, role: Role) -> f64 {
    let Some(hints) = HINTS.iter().find(|hints| hints.role == role) else { return 0.0 };
    if name == role.name() {
        return 1.0;
    }
    let words = words(name);
    let joined = words.concat();
    if hints.names.contains(&joined.as_str()) {
        return 0.9;
    }
    // An address names a customer where nothing else does.
    if role == Role::CustomerId && words.iter().any(|word| word.ends_with("mail")) {
        return if EMAILS.contains(&joined.as_str()) { 0.4 } else { 0.0 };
    }
    let begins = |starts: &[&str], word: &str, short: usize| {
        starts.iter().any(|start| {
            // Short ones are whole words.
            if start.chars().count() <= short { word == *start } else { word.starts_with(start) }
        })
    };
    if words.iter().any(|word| begins(hints.against, word, 3)) {
        return 0.0;
    }
    // Compounds, such as Kundennummer, count as their first part.
    let stems = words.iter().filter(|word| begins(hints.stems, word, 3)).count();
    let helpers = words.iter().filter(|word| begins(hints.helpers, word, 3)).count();
    match (stems, helpers) {
        (0, _) => 0.0,
        (_, 0) => 0.5,
        _ => 0.7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        assert_eq!(words("InvoiceDate"), ["invoice", "date"]);
        assert_eq!(words("CUST_NO"), ["cust", "no"]);
        assert_eq!(words("Kunden-Nr."), ["kunden", "nr"]);
        assert_eq!(words("Дата покупки"), ["дата", "покупки"]);
    }

    #[test]
    fn names_suit_roles() {
        for (name, role) in [
            ("CustomerID", Role::CustomerId),
            ("CUST_NO", Role::CustomerId),
            ("user_id", Role::CustomerId),
            ("household_id", Role::CustomerId),
            ("Kunde", Role::CustomerId),
            ("Kundennummer", Role::CustomerId),
            ("Клиент", Role::CustomerId),
            ("Код клиента", Role::CustomerId),
            ("InvoiceDate", Role::Time),
            ("order_purchase_timestamp", Role::Time),
            ("Datum", Role::Time),
            ("Дата", Role::Time),
            ("Дата заказа", Role::Time),
            ("dollar_value", Role::Amount),
            ("Betrag", Role::Amount),
            ("Сумма", Role::Amount),
            ("tran_amount", Role::Amount),
            ("InvoiceNo", Role::OrderId),
            ("Номер чека", Role::OrderId),
            ("Käufer", Role::CustomerId),
            ("Käufernummer", Role::CustomerId),
            ("Контрагент", Role::CustomerId),
            ("Документ", Role::OrderId),
            ("Выручка", Role::Amount),
            ("Umsatz brutto", Role::Amount),
            ("Created (UTC)", Role::Time),
            ("Paid at", Role::Time),
            ("contract_end", Role::ValidUntil),
            ("ExpiresAt", Role::ValidUntil),
            ("Vertragsende", Role::ValidUntil),
            ("gültig bis", Role::ValidUntil),
            ("дата окончания", Role::ValidUntil),
        ] {
            assert!(suits(name, role) >= 0.5, "{name}");
        }
        for (name, role) in [
            ("customer_name", Role::CustomerId),
            ("email_count", Role::CustomerId),
            ("birth_date", Role::Time),
            ("churn_date", Role::Time),
            ("order_date", Role::OrderId),
            ("order_status", Role::OrderId),
            ("retail_disc", Role::Amount),
            ("Quantity", Role::Amount),
            ("cancel_date", Role::ValidUntil),
            ("vendor", Role::ValidUntil),
        ] {
            assert_eq!(suits(name, role), 0.0, "{name}");
        }
        let email = suits("Email", Role::CustomerId);
        assert!(email > 0.0 && email < suits("user_id", Role::CustomerId));
    }
}
