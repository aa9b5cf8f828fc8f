//! Few groups of customers that are alike, found in what they do.

mod cluster;
mod columns;
mod found;
mod k_means;
mod report;
mod words;

pub use cluster::Cluster;
pub use found::{ClusterOptions, ClusterTrial, Clusters};
