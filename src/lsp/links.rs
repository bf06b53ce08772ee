//! Document links: make paths in descriptions open their files.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::{DocumentLink, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::document::{Document, Encoding};
use crate::check::{Descriptions, with_slashes};
use strports_syntax::signature::{Binding, Kind};
use strports_syntax::{Role, Sink, Span};

/// The bytes that are percent-encoded in the path of a `file:` URI.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Returns links for the paths in descriptions that name existing files.
///
/// Relative paths are resolved against `roots` (the workspace folders) and the document's folder.
pub(super) fn links(
    descriptions: Descriptions<'_>,
    document: &Document,
    roots: &[PathBuf],
    encoding: Encoding,
) -> Vec<DocumentLink> {
    let mut links = Vec::new();
    for embedded in descriptions.all.iter().filter(|it| !it.is_template()) {
        let report = descriptions.report(embedded);
        let mut paths = Paths(Vec::new());
        match report.role() {
            Role::Client => drop(report.types().client_with(report.text(), &mut paths)),
            Role::Server => drop(report.types().server_with(report.text(), &mut paths)),
        }
        for (span, path, summary) in paths.0 {
            let Some(file) = existing(&path, document, roots) else { continue };
            let Ok(target) = Uri::from_str(&uri_of(&file)) else { continue };
            links.push(DocumentLink {
                range: document.range(&embedded.locate(span), encoding),
                target: Some(target),
                tooltip: Some(summary.to_owned()),
                data: None,
            });
        }
    }
    links
}

fn existing(path: &str, document: &Document, roots: &[PathBuf]) -> Option<PathBuf> {
    let folder = document.path.parent().map(Path::to_owned);
    // If `path` is absolute, `join` returns it unchanged.
    let mut places = roots.iter().cloned().chain(folder).map(|root| root.join(path));
    places.find(|place| place.is_absolute() && place.is_file())
}

/// Returns the URI of a file. A slash precedes a Windows drive, as in `file:///c:/x`.
fn uri_of(file: &Path) -> String {
    let path = with_slashes(file);
    let path = path.to_string_lossy();
    let root = if path.starts_with('/') { "" } else { "/" };
    format!("file://{root}{}", utf8_percent_encode(&path, ESCAPED))
}

/// Collects path values, each with its byte span in the outermost description and a summary.
struct Paths(Vec<(Span, String, &'static str)>);

impl Sink for Paths {
    fn error(&mut self, _: strports_syntax::Error) {}

    fn bound(&mut self, bound: &strports_syntax::BoundDescription<'_, '_>) {
        let Some(arguments) = bound.arguments else { return };
        // Nested descriptions are reported first, and their spans refer to their own text, so they
        // are dropped. Only inside a wrapper do spans refer to the outermost text.
        if arguments.signature().binding != Binding::Wrapper {
            self.0.clear();
        }
        for (parameter, argument) in arguments.iter() {
            if let (Kind::Path, Some(argument)) = (parameter.kind, argument) {
                let path = argument.value.to_str_lossy().into_owned();
                self.0.push((argument.value_span, path, parameter.summary));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::document::path_of;

    #[test]
    fn a_path_is_the_path_of_its_uri() {
        let expected = [("/a b/c.pem", "file:///a%20b/c.pem"), ("C:/a.pem", "file:///C%3A/a.pem")];
        for (path, uri) in expected {
            assert_eq!(uri_of(Path::new(path)), uri);
            assert_eq!(path_of(&Uri::from_str(uri).unwrap()), Path::new(path));
        }
    }
}
