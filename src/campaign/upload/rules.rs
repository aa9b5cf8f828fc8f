//! What the tools take, by their public documentation (docs/howto/uploads.md says which page).

use super::options::{Identifier, UploadOptions, UploadTarget};
use crate::error::{Error, Result};

const MEGABYTE: u64 = 1_000_000;
/// Rows of a sheet, its header among them.
const SHEET_ROWS: u64 = 1_048_576;
/// Digits that tell a phone number without its prefix.
const PHONE_DIGITS: usize = 10;

/// How the files of a tool look.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rules {
    pub(super) identifier: Identifier,
    /// Where the identifier stands.
    pub(super) column: String,
    /// Its header, and that of the column beside it which is the same for all.
    pub(super) header: String,
    pub(super) label: Option<(&'static str, String)>,
    pub(super) most_bytes: u64,
    /// Customers of a file.
    pub(super) most_rows: u64,
    pub(super) most_columns: usize,
}

impl Rules {
    pub(super) fn new(options: &UploadOptions) -> Result<Self> {
        use Identifier::{Alias, Email, ExternalId, Phone, RecordId};
        use UploadTarget::{Braze, Csv, Hubspot, Klaviyo, Mindbox, Xlsx};
        let target = options.target;
        let usual = match target {
            Klaviyo | Hubspot | Mindbox => Email,
            Csv | Braze | Xlsx => ExternalId,
        };
        let identifier = options.identifier.unwrap_or(usual);
        let own = match (target, identifier) {
            (Braze, ExternalId) => Some("external_id"),
            (Braze, Alias) => Some("user_alias_name"),
            (Klaviyo | Hubspot | Mindbox, Email) => Some("Email"),
            (Klaviyo, Phone) => Some("Phone Number"),
            (Mindbox, Phone) => Some("MobilePhone"),
            (Hubspot, RecordId) => Some("Record ID"),
            (Mindbox, ExternalId) | (Csv | Xlsx, ExternalId | Email | Phone) => None,
            _ => {
                let takes = match target {
                    Braze => "external_id or alias, as Braze takes them",
                    Klaviyo => "email or phone, as Klaviyo takes them",
                    Hubspot => "email or record_id, as HubSpot takes them",
                    Mindbox => "email, phone or external_id, as Mindbox takes them",
                    Csv | Xlsx => "external_id, email or phone",
                };
                return Err(Error::argument("identifier", identifier, takes));
            }
        };
        let plain = match identifier {
            ExternalId | Alias => "customer_id",
            Email => "email",
            Phone => "phone",
            RecordId => "record_id",
        };
        let header = match (own, &options.header) {
            (Some(own), Some(given)) if own != given => {
                let expected = format!("{own}, which is how {target} calls it");
                return Err(Error::text_argument("header", given, expected));
            }
            (Some(own), _) => own.to_owned(),
            (None, Some(given)) => given.clone(),
            (None, None) if target == Mindbox => {
                let expected = "the name of the external id in Mindbox, which differs by project";
                return Err(Error::missing_argument("header", expected));
            }
            (None, None) => plain.to_owned(),
        };
        let label = match (identifier, &options.alias_label) {
            (Alias, Some(label)) => Some(("user_alias_label", label.clone())),
            (Alias, None) => {
                let expected = "the label that the aliases have in Braze";
                return Err(Error::missing_argument("alias_label", expected));
            }
            (_, Some(label)) => {
                let expected = "nothing, but for aliases of Braze";
                return Err(Error::text_argument("alias_label", label, expected));
            }
            (_, None) => None,
        };
        let (most_bytes, most_rows, most_columns) = match target {
            Braze => (500 * MEGABYTE, u64::MAX, usize::MAX),
            Klaviyo => (50 * MEGABYTE, u64::MAX, usize::MAX),
            Hubspot => (512 * MEGABYTE, SHEET_ROWS - 1, 999),
            Xlsx => (u64::MAX, SHEET_ROWS - 1, 16_384),
            Csv | Mindbox => (u64::MAX, u64::MAX, usize::MAX),
        };
        let rules = Rules {
            identifier,
            column: options.column.clone().unwrap_or_else(|| plain.to_owned()),
            header,
            label,
            most_bytes: within("max_bytes", options.max_bytes, most_bytes, target)?,
            most_rows: within("max_rows", options.max_rows, most_rows, target)?,
            most_columns,
        };
        rules.check(options)?;
        Ok(rules)
    }

    fn check(&self, options: &UploadOptions) -> Result<()> {
        let target = options.target;
        let is_sheet = target == UploadTarget::Xlsx;
        if let Some(budget) = options.budget {
            if !is_sheet {
                return Err(Error::argument("budget", budget, "nothing, but for xlsx"));
            }
            if !(0.0..=1e100).contains(&budget) {
                return Err(Error::argument("budget", budget, "0 or more, at most 1e100"));
            }
        }
        if options.for_people && target != UploadTarget::Csv {
            let expected = "false, but for csv: an upload file never alters an id";
            return Err(Error::argument("for_people", true, expected));
        }
        let headers = self.headers(options);
        if headers.len() > self.most_columns {
            let expected = format!("at most {} columns, as {target} takes them", self.most_columns);
            return Err(Error::argument("with_columns", headers.len(), expected));
        }
        for (place, header) in headers.iter().enumerate() {
            let is_reserved = target == UploadTarget::Braze
                && place > usize::from(self.label.is_some())
                && ["external_id", "user_alias_name", "user_alias_label", "braze_id"]
                    .contains(&header.as_str());
            if is_reserved {
                let expected =
                    "columns that are no identifiers: Braze takes one of them, never several";
                return Err(Error::text_argument("with_columns", header, expected));
            }
            // Tools take headers that differ by case alone for the same.
            let is_same = |other: &String| other.to_lowercase() == header.to_lowercase();
            if headers[..place].iter().any(is_same) {
                return Err(Error::text_argument("with_columns", header, "headers that differ"));
            }
            if header.trim().is_empty() {
                return Err(Error::text_argument("header", header, "a text"));
            }
        }
        Ok(())
    }

    /// The headers of the file, but for those of a budget.
    pub(super) fn headers(&self, options: &UploadOptions) -> Vec<String> {
        let label = self.label.iter().map(|(name, _)| (*name).to_owned());
        std::iter::once(self.header.clone())
            .chain(label)
            .chain(options.with_columns.clone())
            .collect()
    }

    /// What two writings of one identifier have in common, by which it is compared and never written:
    /// of an e-mail address all but case and blanks, of a phone number the last ten digits without
    /// zeros before them, so that +7 916, 8 916 and 916 are one.
    pub(super) fn key(&self, identifier: &str) -> String {
        match self.identifier {
            Identifier::Email => {
                identifier.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
            }
            Identifier::Phone => {
                let digits = digits(identifier);
                let last = &digits[digits.len().saturating_sub(PHONE_DIGITS)..];
                last.trim_start_matches('0').to_owned()
            }
            _ => identifier.to_owned(),
        }
    }

    /// Whether a text can be such an identifier at all.
    pub(super) fn is_usable(&self, identifier: &str) -> bool {
        match self.identifier {
            Identifier::Email => {
                let halves = identifier.split_once('@');
                halves.is_some_and(|(name, host)| {
                    let is_part =
                        |part: &str| !part.is_empty() && !part.contains(['@', ' ', ',', ';']);
                    is_part(name) && is_part(host) && host.contains('.')
                })
            }
            Identifier::Phone => {
                let digits = digits(identifier).len();
                let is_plain = |c: char| c.is_ascii_digit() || " +-().".contains(c);
                (5..=15).contains(&digits) && identifier.chars().all(is_plain)
            }
            Identifier::RecordId => identifier.bytes().all(|byte| byte.is_ascii_digit()),
            Identifier::ExternalId | Identifier::Alias => true,
        }
    }
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn within(name: &'static str, given: Option<u64>, most: u64, target: UploadTarget) -> Result<u64> {
    match given {
        Some(given) if given == 0 || given > most => {
            let expected = match most {
                u64::MAX => "1 or more".to_owned(),
                most => format!("1 to {most}, as {target} takes them"),
            };
            Err(Error::argument(name, given, expected))
        }
        given => Ok(given.unwrap_or(most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(target: &str, identifier: &str) -> Result<Rules> {
        let options = UploadOptions::default().target(target.parse()?);
        Rules::new(&options.identifier(Some(identifier.parse()?)))
    }

    #[test]
    fn headers_are_exactly_those_of_the_tools() {
        for (target, identifier, header) in [
            ("braze", "external_id", "external_id"),
            ("klaviyo", "email", "Email"),
            ("klaviyo", "phone", "Phone Number"),
            ("hubspot", "email", "Email"),
            ("hubspot", "record_id", "Record ID"),
            ("mindbox", "email", "Email"),
            ("mindbox", "phone", "MobilePhone"),
            ("csv", "external_id", "customer_id"),
            ("xlsx", "email", "email"),
        ] {
            assert_eq!(rules(target, identifier).unwrap().header, header);
        }
        for (target, identifier) in
            [("braze", "email"), ("klaviyo", "external_id"), ("hubspot", "phone"), ("csv", "alias")]
        {
            assert!(rules(target, identifier).is_err(), "{target} {identifier}");
        }
        let aliases = UploadOptions::default()
            .target(UploadTarget::Braze)
            .identifier(Some(Identifier::Alias))
            .alias_label(Some("shop".to_owned()));
        let headers = Rules::new(&aliases).unwrap().headers(&aliases);
        assert_eq!(headers, ["user_alias_name", "user_alias_label"]);
        assert!(Rules::new(&aliases.clone().alias_label(None)).is_err());
        // Never both.
        assert!(Rules::new(&aliases.with_columns(["external_id"])).is_err());
        assert!(rules("mindbox", "external_id").is_err());
    }

    #[test]
    fn identifiers_that_can_be_none_are_known() {
        let email = rules("csv", "email").unwrap();
        assert!(email.is_usable("Zoë+1@example.com") && email.key("A@b.Co") == "a@b.co");
        for wrong in ["a", "@b.co", "a@", "a@b", "a b@c.de", "a@b@c.de", "a@b.co;c@d.ef"] {
            assert!(!email.is_usable(wrong), "{wrong}");
        }
        let phone = rules("csv", "phone").unwrap();
        assert!(phone.is_usable("+7 (916) 123-45-67") && phone.key("+7 (916) 1") == "79161");
        for same in ["+7 (916) 123-45-67", "89161234567", "007 916 1234567", "916\u{a0}123 45 67"] {
            assert_eq!(phone.key(same), "9161234567", "{same}");
        }
        assert_eq!(phone.key("0171 1234567"), phone.key("+49 171 1234567"));
        assert_eq!(email.key(" A@ b.CO "), email.key("a@b.co"));
        assert!(!phone.is_usable("none") && !phone.is_usable("1") && !phone.is_usable("12345x"));
    }
}
