//! Endpoint descriptions for C: parse, check, explain and quote.
//!
//! A thin layer over `strports-syntax`. Each call turns its result into plain data of C
//! immediately, so that handles borrow nothing: `report` and `endpoint` are the two handles, `text`
//! is how bytes come in and go out, `quote` writes into a buffer of the caller.
//! `include/strports.h` is generated from this crate.

mod endpoint;
mod quote;
mod report;
mod role;
mod text;

pub use endpoint::{
    Endpoint, Kind, Value, strports_endpoint_canonical, strports_endpoint_explanation,
    strports_endpoint_free, strports_endpoint_parameter, strports_endpoint_parameters,
    strports_endpoint_type, strports_endpoint_value, strports_parse,
};
pub use quote::{Place, STRPORTS_KEY, STRPORTS_KEYWORD_VALUE, STRPORTS_POSITIONAL, strports_quote};
pub use report::{
    Finding, Places, Report, Severity, Span, strports_check, strports_report_canonical,
    strports_report_corrected, strports_report_finding, strports_report_findings,
    strports_report_free, strports_report_is_ok, strports_report_more,
};
pub use role::{Role, STRPORTS_CLIENT, STRPORTS_SERVER};
pub use text::{Status, Text};

/// The version of this library, such as "0.1.0"; it lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn strports_version() -> *const core::ffi::c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
