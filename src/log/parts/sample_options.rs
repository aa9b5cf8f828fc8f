//! Which customers of a log in parts are taken into memory.

use crate::answer::options::options;
use crate::hash::DEFAULT_SALT;

options! {
    /// The customers of a log in parts that a model learns from or is judged by.
    #[command(next_help_heading = "Tables larger than memory")]
    pub struct SampleOptions {
        /// Share of the customers to take into memory, drawn by md5 of salt and id; by default the largest
        /// for which the memory is enough
        #[option(value_name = "SHARE", requires = "memory")]
        share: Option<f64> = None,
        /// Text that decides which customers are drawn: others than those of a control group with the
        /// same salt
        #[value(value_name = "TEXT", requires = "memory")]
        #[takes(into)]
        salt: String = DEFAULT_SALT.to_owned(),
    }
}
