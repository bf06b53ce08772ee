//! serde: endpoints as strings of a configuration, and reports as the command's JSON.

mod endpoint;
mod report;
