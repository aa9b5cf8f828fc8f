//! For which tool, and by which identifier.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::named_choice;

/// The tool that reads the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadTarget {
    /// Any; a plain CSV file.
    Csv,
    /// Braze.
    Braze,
    /// Mindbox.
    Mindbox,
    /// Klaviyo.
    Klaviyo,
    /// HubSpot.
    Hubspot,
    /// Excel, to be read by people.
    Xlsx,
}

named_choice!(
    UploadTarget, "target":
    Csv = "csv",
    Braze = "braze",
    Mindbox = "mindbox",
    Klaviyo = "klaviyo",
    Hubspot = "hubspot",
    Xlsx = "xlsx",
);

/// What the tool knows a customer by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// The id of another system, as a rule the customer's own.
    ExternalId,
    /// An alias of Braze.
    Alias,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A record of HubSpot.
    RecordId,
}

named_choice!(
    Identifier, "identifier":
    ExternalId = "external_id",
    Alias = "alias",
    Email = "email",
    Phone = "phone",
    RecordId = "record_id",
);

options! {
    /// For which tool a list is written, and by which identifier.
    pub struct UploadOptions {
        /// The tool: csv, braze, mindbox, klaviyo, hubspot or xlsx
        #[value(value_name = "TOOL", value_parser = value::<UploadTarget>)]
        target: UploadTarget = UploadTarget::Csv,
        /// What it knows customers by: external_id, alias (Braze), email, phone or record_id (HubSpot)
        /// [default: email for Klaviyo, HubSpot and Mindbox, else external_id]
        #[option(value_name = "KIND", value_parser = value::<Identifier>)]
        #[takes(into)]
        identifier: Option<Identifier> = None,
        /// Column with the identifier, of the table of identifiers or else of the list [default:
        /// customer_id for external ids and aliases, else email, phone or record_id]
        #[option(value_name = "COLUMN")]
        #[takes(into)]
        column: Option<String> = None,
        /// Header of the identifier where the tool has none of its own: the name of an external id of
        /// Mindbox, and any for csv and xlsx
        #[option(value_name = "NAME")]
        #[takes(into)]
        header: Option<String> = None,
        /// Label of the aliases of Braze
        #[option(value_name = "TEXT")]
        #[takes(into)]
        alias_label: Option<String> = None,
        /// Column of the list with each customer's arm, if it has one
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        arm: String = "arm".to_owned(),
        /// Name of the arm that is not contacted, and so is in no file
        #[value(value_name = "ARM")]
        #[takes(into)]
        control: String = "control".to_owned(),
        /// Arms to write; by default all but control
        #[option(value_name = "ARM", value_delimiter = ',')]
        #[takes(texts)]
        arms: Vec<String> = Vec::new(),
        /// Columns of the list to write too, such as the offer
        #[option(value_name = "COLUMN", value_delimiter = ',')]
        #[takes(texts)]
        with_columns: Vec<String> = Vec::new(),
        /// For xlsx: money to be spent on the best of the list, in a cell of its own, with formulas that
        /// say how many customers it buys and what they are expected to bring
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        budget: Option<f64> = None,
        /// Column of the list with the cost of each customer, for the budget
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        cost: String = "cost".to_owned(),
        /// Column of the list with the profit expected of each customer, for the budget
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        profit: String = "profit".to_owned(),
        /// For csv: marks texts that a spreadsheet would run as formulas by an apostrophe, in copies that
        /// people read. It alters ids, so never upload such a file
        #[option()]
        for_people: bool = false,
        /// Most bytes of a file, fewer than the tool takes
        #[option(value_name = "N")]
        #[takes(into)]
        max_bytes: Option<u64> = None,
        /// Most customers of a file, fewer than the tool takes
        #[option(value_name = "N")]
        #[takes(into)]
        max_rows: Option<u64> = None,
    }
}
