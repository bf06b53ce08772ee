//! Prints the types of descriptions: as a list, as pages, or as JSON.

use std::io::{self, Write};

use crate::cli::report::human::{has_room, last_cell};
use crate::cli::stream::Stream;
use crate::types::{Listed, Origin};
use strports_syntax::signature::{Binding, Case, Change, Default, Effect, Kind, Parameter};
use strports_syntax::{Role, Signature};

/// By how many columns a summary is indented that does not fit beside its type.
const INDENT: usize = 4;

/// Prints one line for each type: its name, role, origin and summary.
pub(in crate::cli) fn list(types: &[Listed<'_>], out: &mut Stream) -> io::Result<()> {
    let rows: Vec<[String; 4]> = types.iter().map(row).collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths = [widest(0), widest(1), widest(2)];
    for [name, role, from, summary] in &rows {
        let [first, second, third] = widths;
        let column = first + second + third + 6;
        if has_room(column, out) {
            write!(out, "{name:first$}  {role:second$}  {from}")?;
        } else {
            let row = format!("{name}  {role}  {from}");
            write!(out, "{}", out.look().fitted(&row, 2))?;
        }
        last_cell(summary, third - from.len(), column, INDENT, out)?;
    }
    Ok(())
}

fn row(it: &Listed<'_>) -> [String; 4] {
    let signature = it.signature;
    let (name, role) = (signature.name.to_owned(), signature.role.to_string());
    [name, role, from(it), signature.summary.to_owned()]
}

/// Returns where a type comes from: its package if that is recorded, or else the kind of origin.
fn from(it: &Listed<'_>) -> String {
    match it.signature.package {
        Some(package) => package.name.to_owned(),
        None => it.origin.as_str().to_owned(),
    }
}

/// Prints a page for each type: its summary and its parameters.
pub(in crate::cli) fn pages(types: &[Listed<'_>], out: &mut Stream) -> io::Result<()> {
    for (index, it) in types.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        page(it, out)?;
    }
    Ok(())
}

fn page(it: &Listed<'_>, out: &mut Stream) -> io::Result<()> {
    let signature = it.signature;
    let bold = out.style(anstyle::Style::new().bold());
    let Signature { name, role, summary, .. } = signature;
    out.prose(&format!("{bold}{name}{bold:#} ({role}): {summary}"))?;
    out.prose(&format!("  {}", origin(it)))?;
    for sentence in sentences(it) {
        out.prose(&format!("  {sentence}"))?;
    }
    let parameters = signature.parameters;
    if parameters.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let rows: Vec<[String; 3]> =
        parameters.iter().map(|it| [place(it).to_owned(), kind(it), default(it)]).collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let names = parameters.iter().map(|it| it.name.len()).max().unwrap_or_default();
    let widths = [widest(0), widest(1), widest(2)];
    let notes = it.declared.map(|it| it.notes).unwrap_or_default();
    for (index, (parameter, [place, kind, default])) in parameters.iter().zip(&rows).enumerate() {
        let [first, second, third] = widths;
        let name = parameter.name;
        let meaning = meaning(parameter, notes.get(index).copied().flatten());
        let column = names + first + second + third + 10;
        if has_room(column, out) {
            write!(out, "  {bold}{name}{bold:#}{:1$}", "", names - name.len())?;
            write!(out, "  {place:first$}  {kind:second$}  {default}")?;
        } else {
            let cells = [place, kind, default].into_iter().filter(|cell| !cell.is_empty());
            let row = cells.fold(format!("  {bold}{name}{bold:#}"), |row, cell| row + "  " + cell);
            write!(out, "{}", out.look().fitted(&row, 2))?;
        }
        last_cell(&meaning, third - default.len(), column, INDENT, out)?;
    }
    Ok(())
}

fn origin(it: &Listed<'_>) -> String {
    match (it.origin, it.signature.since(), it.signature.package) {
        (Origin::Twisted, since, _) => match (since, it.signature.until()) {
            (Some(since), None) => format!("in Twisted since {since}"),
            (Some(since), Some(until)) => format!("in Twisted from {since} to {until}"),
            (None, Some(until)) => format!("in Twisted until {until}"),
            (None, None) => "in every Twisted".to_owned(),
        },
        (Origin::Extension, _, _) => "an extension of strports, not in Twisted".to_owned(),
        (Origin::Package, _, Some(package)) => {
            let also = it.declared.map(|it| it.also.join(", ")).filter(|it| !it.is_empty());
            let also = also.map(|it| format!(", also in {it}")).unwrap_or_default();
            let python = it.declared.and_then(|it| it.python);
            let python = python.map(|it| format!(", on Python {it}")).unwrap_or_default();
            let file = it.declared.and_then(|it| it.source).unwrap_or_default();
            format!("a plugin for Twisted in the package {package}{also}{python}; read in {file}")
        }
        (Origin::Configuration, _, Some(package)) => {
            format!("declared in strports.toml, a plugin for Twisted in the package {package}")
        }
        (Origin::Configuration | Origin::Package, _, None) => {
            "declared in strports.toml".to_owned()
        }
    }
}

/// Sentences about a type as a whole, such as what its remaining arguments mean.
fn sentences(it: &Listed<'_>) -> Vec<String> {
    let signature = it.signature;
    let mut all = Vec::new();
    match signature.binding {
        Binding::Joined(joined) => all
            .push(format!("the remaining arguments are the {} description inside it", joined.role)),
        Binding::Wrapper => {
            all.push(format!(
                "the remaining arguments are the {} description inside it",
                signature.role
            ));
        }
        Binding::Anything => all.push("it takes any arguments and ignores them".to_owned()),
        _ => {}
    }
    if signature.ignores_keywords {
        all.push("it ignores unknown keywords".to_owned());
    }
    for group in signature.excludes {
        let group: Vec<_> = group.iter().map(|it| format!("`{it}`")).collect();
        all.push(format!("it refuses more than one of {}", group.join(", ")));
    }
    if !signature.any_case && signature.role == Role::Server {
        all.push("its name must be in lower case".to_owned());
    }
    all.extend(other_changes(signature.changes).map(clause));
    all.extend(it.declared.and_then(|it| it.note).map(ToOwned::to_owned));
    all
}

fn place(parameter: &Parameter) -> &'static str {
    if parameter.keyword_only {
        "by name"
    } else if parameter.positional_only {
        "by place"
    } else {
        ""
    }
}

fn kind(parameter: &Parameter) -> String {
    match parameter.kind {
        Kind::Word(words) => words.to_string(),
        kind => kind.describe().to_owned(),
    }
}

fn default(parameter: &Parameter) -> String {
    match parameter.default {
        Default::Required => "required".to_owned(),
        Default::RequiredUnless(other) => format!("required without {other}"),
        Default::Absent => String::new(),
        Default::SameAs(other) => format!("same as {other}"),
        Default::Text("") => "empty".to_owned(),
        Default::Text(text) => text.to_owned(),
    }
}

fn meaning(parameter: &Parameter, note: Option<&str>) -> String {
    let mut meaning = parameter.summary.to_owned();
    if parameter.extension {
        meaning.push_str(" (an extension)");
    }
    let since = parameter.since().map(|since| format!("since Twisted {since}"));
    let until = parameter.until().map(|until| format!("until Twisted {until}"));
    let with = parameter.with.map(|it| format!("only with `{it}`"));
    for more in [since.as_deref(), until.as_deref(), with.as_deref(), note].into_iter().flatten() {
        meaning.push_str("; ");
        meaning.push_str(more);
    }
    for change in other_changes(parameter.changes) {
        meaning.push_str("; ");
        meaning.push_str(&clause(change));
    }
    meaning
}

/// Returns the changes between Twisted versions that the lines on introduction and removal omit.
fn other_changes(changes: &'static [Change]) -> impl Iterator<Item = &'static Change> {
    let is_said = |it: &Change| {
        it.case == Case::Given && matches!(it.effect, Effect::Accepted | Effect::Refused)
    };
    changes.iter().filter(move |change| !is_said(change))
}

fn clause(change: &Change) -> String {
    let Change { since, before, after, .. } = change;
    format!("since Twisted {since} {after}, and before {before}")
}

/// Prints one line of JSON for each type.
pub(in crate::cli) fn json(types: &[Listed<'_>], out: &mut Stream) -> io::Result<()> {
    for it in types {
        serde_json::to_writer(&mut *out, it)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
