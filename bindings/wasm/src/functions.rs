//! The functions that a request can name: each takes its arguments and returns JSON.

use serde::Serialize;
use strports::complete::CandidateKind;
use strports::convert::{self, Form};
use strports::describe::{self, Converted, Explained, Line};
use strports::signature::{RELEASES, Releases};
use strports::{Fix, Place, Report, Role, Span, apply_fixes};

/// The result as JSON, or a message about an error in the request.
pub(crate) type Answer = Result<String, String>;

/// The maximum number of rounds of fixes. More than one is needed, because a fix may uncover
/// another error.
const MOST_ROUNDS: usize = 20;

/// Serializes a value as JSON.
pub(crate) fn json(value: impl Serialize) -> Answer {
    serde_json::to_string(&value).map_err(|error| error.to_string())
}

/// Checks a description as the given releases of Twisted read it; `None` is the newest release.
pub(crate) fn read(text: &str, role: Option<Role>, twisted: Option<Releases>) -> Report<'_> {
    let (mut report, _) = describe::check(text.as_bytes(), role);
    describe::read_by(&mut report, twisted);
    report
}

/// Returns the JSON of `strports explain`.
pub(crate) fn explain(text: &str, role: Option<Role>, twisted: Option<Releases>) -> Answer {
    json(Explained::new(&read(text, role, twisted)))
}

/// Returns what each part of a description means, as JSON.
pub(crate) fn anatomy(text: &str, role: Option<Role>) -> Answer {
    #[derive(Serialize)]
    struct Anatomy {
        role: Role,
        /// Whether the description is valid in the other role too.
        both: bool,
        sentence: Option<String>,
        lines: Vec<Line>,
    }
    let (report, both) = describe::check(text.as_bytes(), role);
    json(Anatomy {
        role: report.role(),
        both,
        sentence: describe::sentence(&report),
        lines: describe::lines(&report),
    })
}

/// Returns the text with its fixes, which are applied in rounds until none is left. `suggestions`
/// also applies fixes that are not safe.
pub(crate) fn fix(
    text: &str,
    role: Option<Role>,
    twisted: Option<Releases>,
    suggestions: bool,
) -> Answer {
    // The first role is kept, although the fixed text might fit the other role better.
    let role = Some(read(text, role, twisted).role());
    let mut fixed = text.to_owned();
    for _ in 0..MOST_ROUNDS {
        let report = read(&fixed, role, twisted);
        let applied = |fix: &&Fix| fix.safe || suggestions;
        let next = apply_fixes(report.text(), report.fixes().filter(applied));
        // Fixes of valid UTF-8 are valid UTF-8, so the conversion does not fail.
        let Some(next) = String::from_utf8(next).ok().filter(|next| *next != fixed) else { break };
        fixed = next;
    }
    json(fixed)
}

/// Returns the description in canonical form, or null if there are errors.
pub(crate) fn fmt(text: &str, role: Option<Role>) -> Answer {
    let (report, _) = describe::check(text.as_bytes(), role);
    json(report.canonical().as_deref().map(String::from_utf8_lossy))
}

/// Escapes a text as a value of a description, or as a positional argument.
pub(crate) fn quote(text: &str, positional: bool) -> Answer {
    let place = if positional { Place::Positional } else { Place::Value };
    json(String::from_utf8_lossy(&strports::quote_bytes(text.as_bytes(), place)))
}

/// Returns the JSON of `strports convert`.
pub(crate) fn convert(text: &str, from: Option<Form>, to: Form, role: Option<Role>) -> Answer {
    json(Converted::new(text, to, &convert::convert(text, from, to, role)))
}

/// Returns the texts that can follow the end of an unfinished description.
pub(crate) fn complete(text: &str, role: Option<Role>) -> Answer {
    #[derive(Serialize)]
    struct Candidate {
        text: String,
        /// The byte range at the end of the text that the candidate replaces.
        span: Span,
        kind: &'static str,
        summary: &'static str,
        detail: String,
    }
    let types = describe::known_types();
    let candidates = strports::complete::complete(types, role, text.as_bytes()).candidates;
    json(
        candidates
            .into_iter()
            .map(|it| Candidate {
                span: Span::new(text.len() - it.replaces, text.len()),
                kind: match it.kind {
                    CandidateKind::Type => "type",
                    CandidateKind::Keyword => "keyword",
                    CandidateKind::Value => "value",
                },
                text: it.text,
                summary: it.summary,
                detail: it.detail,
            })
            .collect::<Vec<_>>(),
    )
}

/// Returns the forms that `convert` reads and writes.
pub(crate) fn forms() -> Answer {
    #[derive(Serialize)]
    struct OneForm {
        name: &'static str,
        summary: &'static str,
    }
    let forms = Form::all().map(|it| OneForm { name: it.name(), summary: it.summary() });
    json(forms.collect::<Vec<_>>())
}

/// Returns the known releases of Twisted, the oldest first.
pub(crate) fn releases() -> Answer {
    json(RELEASES.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// Returns the lines of `strports types --format json`, as a list.
pub(crate) fn types() -> Answer {
    json(describe::types().collect::<Vec<_>>())
}
