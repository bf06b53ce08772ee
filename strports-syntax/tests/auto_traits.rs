//! The public types are `Send`, `Sync` and `Unpin`, so that they can be used in any task.

use strports_syntax::{
    BoundArguments, ClientEndpoint, Description, Diagnostic, Error, Report, ServerEndpoint, Text,
};

fn crosses_threads<T: Send + Sync + Unpin>() {}

#[test]
fn public_types_cross_threads() {
    crosses_threads::<Text<'_>>();
    crosses_threads::<Description<'_>>();
    crosses_threads::<BoundArguments<'_>>();
    crosses_threads::<ServerEndpoint<'_>>();
    crosses_threads::<ClientEndpoint<'_>>();
    crosses_threads::<Error>();
    crosses_threads::<Diagnostic>();
    crosses_threads::<Report<'_>>();
}

#[test]
fn errors_are_small_and_borrow_nothing() {
    fn is_static<T: std::error::Error + Copy + 'static>() {}
    is_static::<Error>();
    assert!(size_of::<Error>() <= 128, "{}", size_of::<Error>());
}
