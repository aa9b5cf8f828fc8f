//! The arms of a campaign and their shares; what may be given once or for each arm.

use std::fmt;
use std::str::FromStr;

use crate::answer::text_or_number::text_or_number;
use crate::error::{Error, Result};

/// The most arms of a campaign.
const MOST_ARMS: usize = 100;
const EXPECTED: &str = "two arms or more with shares that sum to 1, as control=0.1,offer=0.9, or with \
                        whole numbers in their place, as control=1,offer=9";

/// The arms, in the order in which they are drawn, each with its share of the customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares(Vec<(String, f64)>);

impl Shares {
    /// The arms given or, where there are none, a control arm of the share given, or of this default,
    /// and one arm to contact.
    pub(crate) fn given(
        arms: Option<&Shares>,
        control: &str,
        control_share: Option<f64>,
        default: f64,
    ) -> Result<Self> {
        let share = control_share.unwrap_or(default);
        match arms {
            Some(arms) if control_share.is_some() => {
                let expected = "arms with their shares, or a control share; not both";
                Err(Error::argument("arms", arms, expected))
            }
            Some(arms) => Ok(arms.clone()),
            None if share > 0.0 && share < 1.0 => {
                Ok(Shares(vec![(control.to_owned(), share), ("contact".to_owned(), 1.0 - share)]))
            }
            None => Err(Error::argument("control_share", share, "above 0 and below 1")),
        }
    }

    /// The arms by name, with their shares.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, share)| (name.as_str(), *share))
    }

    /// The share of an arm.
    pub(crate) fn of(&self, arm: &str) -> Option<f64> {
        self.iter().find(|(name, _)| *name == arm).map(|(_, share)| share)
    }

    /// Up to which number, drawn from 0 to below 1, a customer is in each arm.
    pub(crate) fn ends(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let mut ends: Vec<f64> = self
            .iter()
            .map(|(_, share)| {
                sum += share;
                sum
            })
            .collect();
        if let Some(last) = ends.last_mut() {
            *last = 1.0;
        }
        ends
    }
}

impl FromStr for Shares {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || Error::text_argument("arms", text, EXPECTED);
        let mut arms: Vec<(String, f64)> = Vec::new();
        for (name, share) in named_numbers(text).ok_or_else(refused)? {
            if share <= 0.0 || arms.iter().any(|(own, _)| *own == name) {
                return Err(refused());
            }
            arms.push((name, share));
        }
        let sum: f64 = arms.iter().map(|(_, share)| share).sum();
        let are_weights = arms.iter().all(|(_, share)| *share >= 1.0 && share.fract() == 0.0);
        if !(2..=MOST_ARMS).contains(&arms.len()) || !(are_weights || (sum - 1.0).abs() < 1e-9) {
            return Err(refused());
        }
        if are_weights {
            arms.iter_mut().for_each(|(_, share)| *share /= sum);
        }
        Ok(Shares(arms))
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arms: Vec<String> =
            self.iter().map(|(name, share)| format!("{name}={share}")).collect();
        f.write_str(&arms.join(","))
    }
}

/// A number for all, or one for each of some names.
#[derive(Debug, Clone, PartialEq)]
pub enum Each {
    /// For all.
    All(f64),
    /// By name; none for the others.
    Some(Vec<(String, f64)>),
}

impl Each {
    /// The number of a name; 0 where none is given.
    pub(crate) fn of(&self, name: &str) -> f64 {
        self.given(name).unwrap_or(0.0)
    }

    /// The number of a name, if one is given.
    pub(crate) fn given(&self, name: &str) -> Option<f64> {
        match self {
            Each::All(number) => Some(*number),
            Each::Some(numbers) => {
                numbers.iter().find(|(own, _)| own == name).map(|(_, number)| *number)
            }
        }
    }

    /// Of these names those without a number.
    pub(crate) fn missing<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        names.filter(|name| self.given(name).is_none()).collect()
    }

    /// Whether some number is not 0.
    pub(crate) fn is_any(&self) -> bool {
        match self {
            Each::All(number) => *number != 0.0,
            Each::Some(numbers) => numbers.iter().any(|(_, number)| *number != 0.0),
        }
    }

    /// Refuses numbers below `least`, and names that are not among these.
    pub(crate) fn check(&self, argument: &'static str, least: f64, known: &[&str]) -> Result<()> {
        let numbers: &[(String, f64)] = match self {
            Each::All(number) => &[(String::new(), *number)],
            Each::Some(numbers) => numbers,
        };
        for (name, number) in numbers {
            // Squares of what lies beyond would be 0 or infinite.
            let most = if least > 0.0 { 1.0 / least } else { f64::MAX };
            if !(*number >= least && *number <= most) {
                let expected = match least > 0.0 {
                    true => format!("numbers from {least:e} to {most:e}"),
                    false => format!("finite numbers of at least {least}"),
                };
                return Err(Error::argument(argument, number, expected));
            }
            if !name.is_empty() && !known.contains(&name.as_str()) {
                let expected = format!("numbers for some of {}", known.join(", "));
                return Err(Error::text_argument(argument, name, expected));
            }
        }
        Ok(())
    }
}

impl FromStr for Each {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(number) = text.trim().parse() {
            return Ok(Each::All(number));
        }
        let expected = "a number, or one for each name, as offer_a=0.5,offer_b=2";
        let numbers = named_numbers(text);
        numbers.map(Each::Some).ok_or_else(|| Error::text_argument("number", text, expected))
    }
}

impl fmt::Display for Each {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Each::All(number) => write!(f, "{number}"),
            Each::Some(numbers) => {
                let numbers = numbers.iter().map(|(name, number)| format!("{name}={number}"));
                f.write_str(&numbers.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Names and finite numbers, as `a=1,b=2.5`.
fn named_numbers(text: &str) -> Option<Vec<(String, f64)>> {
    let pair = |pair: &str| {
        let (name, number) = pair.rsplit_once('=')?;
        let number: f64 = number.trim().parse().ok()?;
        let name = name.trim();
        (number.is_finite() && !name.is_empty()).then(|| (name.to_owned(), number))
    };
    text.split(',').map(pair).collect()
}

/// Serde by the text form; a number is one too.
macro_rules! by_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.to_string().parse::<f64>() {
                    Ok(number) => serializer.serialize_f64(number),
                    Err(_) => serializer.collect_str(self),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                text_or_number(deserializer, "numbers by name")
            }
        }
    };
}

by_text!(Shares);
by_text!(Each);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_1_or_are_weights() {
        let shares: Shares = "control=0.1,offer a=0.45, b=0.45".parse().unwrap();
        assert_eq!(shares.ends(), [0.1, 0.55, 1.0]);
        assert_eq!(shares.of("offer a"), Some(0.45));
        assert_eq!(shares.to_string().parse::<Shares>().unwrap(), shares);
        let thirds: Shares = "a=1,b=1,c=1".parse().unwrap();
        assert_eq!(thirds.of("c"), Some(1.0 / 3.0));
        for wrong in
            ["a=1", "a=0.1,b=0.8", "a=0.5,a=0.5", "a=0,b=1", "a=-1,b=2", "a=x,b=1", "", "a=inf,b=1"]
        {
            assert!(wrong.parse::<Shares>().is_err(), "{wrong}");
        }
        assert!(Shares::given(None, "control", Some(1.0), 0.1).is_err());
    }

    #[test]
    fn a_number_is_for_all_or_by_name() {
        let one: Each = "2.5".parse().unwrap();
        let some: Each = "a=1,b=2".parse().unwrap();
        assert_eq!((one.of("a"), some.of("b"), some.of("c")), (2.5, 2.0, 0.0));
        assert!(some.check("contact_cost", 0.0, &["a"]).is_err());
        assert!(some.check("contact_cost", 0.0, &["a", "b"]).is_ok());
        for wrong in ["0", "1e-300", "1e300", "inf", "NaN"] {
            assert!(wrong.parse::<Each>().unwrap().check("tau", 1e-100, &[]).is_err(), "{wrong}");
        }
        assert!("1e-9".parse::<Each>().unwrap().check("tau", 1e-100, &[]).is_ok());
        for wrong in ["-1", "inf", "NaN"] {
            assert!(wrong.parse::<Each>().unwrap().check("contact_cost", 0.0, &[]).is_err());
        }
        assert!("a".parse::<Each>().is_err());
        for each in [one, some] {
            let text = serde_json::to_string(&each).unwrap();
            assert_eq!(serde_json::from_str::<Each>(&text).unwrap(), each);
        }
    }
}
