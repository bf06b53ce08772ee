//! Support for serde: endpoints as strings, and reports as JSON.

mod endpoint;
mod report;
