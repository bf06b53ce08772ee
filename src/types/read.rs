//! Turns each `[[type]]` table into a signature for each of its roles.

use toml::Spanned;

use super::declared::{Declared, Listens, ListensOn, in_table};
use super::keep;
use super::mistake::Mistake;
use super::table::{ListensTable, Nests, OtherKeywords, ParameterTable, RoleWord, TypeTable};
use strports_syntax::signature::{Condition, Joined, Kind, Package, Parameter, Words};
use strports_syntax::{Signature, Span, Text, Types, quote_string_argument};

/// The kinds of parameters by their names in a table. Kinds with a list of words or with nested
/// descriptions are built separately, because they carry data.
const KINDS: &[(&str, Kind)] = &[
    ("backlog", Kind::Backlog),
    ("description", Kind::Description),
    ("flag", Kind::Flag),
    ("host", Kind::Host),
    ("ignored", Kind::Ignored),
    ("interface", Kind::Interface),
    ("mode", Kind::Mode),
    ("networks", Kind::Networks),
    ("number", Kind::Number),
    ("pairs", Kind::Pairs),
    ("path", Kind::Path),
    ("port", Kind::Port),
    ("seconds", Kind::Seconds),
    ("text", Kind::Text),
    (WORD, Kind::Text),
];

const WORD: &str = "word";

/// Returns the schema of a parameter's kind, which lists the names of all kinds.
#[cfg(feature = "cli")]
pub(super) fn kind_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let names: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
    schemars::json_schema!({ "type": "string", "enum": names })
}

/// What happens to a declared type with the name and role of a built-in one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is an error.
    Excludes,
    /// It is kept, but the built-in type takes precedence in parsing.
    #[cfg(test)]
    GoesFirst,
}

/// Returns the types that the tables declare, one for each role, in order.
///
/// # Errors
///
/// Returns the first error: an unknown kind or role, a name that exists already, or an invalid
/// default or condition.
///
/// With [`Known::GoesFirst`], a declared type with the name of a built-in one is not an error.
pub(super) fn read(tables: &[TypeTable], known: Known) -> Result<Vec<Declared>, Mistake> {
    let mut all: Vec<Declared> = Vec::new();
    for table in tables {
        for role in table.roles.get_ref() {
            let declared = declare(table, *role)?;
            // Checked with the earlier types, so that a conflict is reported at this table.
            let mut types: Vec<_> = all.iter().map(|it| it.signature).collect();
            types.push(declared.signature);
            if known != Known::Excludes {
                types.retain(|it| in_table(it).is_none());
            }
            let types = Types::with(&types).map_err(|error| Mistake::at(&table.name, error))?;
            defaults(table, declared.signature, types)?;
            all.push(declared);
        }
        if table.roles.get_ref().is_empty() {
            return Err(Mistake::at(&table.roles, "expected `server`, `client` or both"));
        }
    }
    Ok(all)
}

fn declare(table: &TypeTable, role: RoleWord) -> Result<Declared, Mistake> {
    let mut parameters = Vec::new();
    for one in &table.parameters {
        parameters.push(parameter(one, table)?);
    }
    let mut excludes = Vec::new();
    for group in &table.excludes {
        let group = group.iter().map(|it| condition(it, table)).collect::<Result<_, _>>()?;
        excludes.push(group);
    }
    let name = keep::text(table.name.get_ref());
    let mut signature = Signature::plugin(
        role.role(),
        name,
        keep::text(&table.summary),
        keep::parameters(parameters),
    )
    .excluding(keep::groups(excludes));
    if let Some(package) = &table.package {
        let package = Package { name: keep::text(package), version: maybe(table.version.as_ref()) };
        signature = signature.from_package(package);
    }
    let ignored = |it: &&Spanned<OtherKeywords>| *it.get_ref() == OtherKeywords::Ignored;
    if let Some(others) = table.other_keywords.as_ref().filter(ignored) {
        if table.inside.is_some() {
            let message = "keywords that no parameter takes belong to the description `inside`";
            return Err(Mistake::at(others, message));
        }
        signature = signature.ignoring_keywords();
    }
    if let Some(inside) = &table.inside {
        let mut escapes = String::new();
        for one in &inside.escapes {
            if !matches!(one.get_ref().as_str(), ":" | "=" | "\\") {
                let found = one.get_ref();
                let message = format!("expected `:`, `=` or `\\`, but found `{found}`");
                return Err(Mistake::at(one, message));
            }
            escapes.push_str(one.get_ref());
        }
        let escapes = keep::text(&escapes);
        signature = signature.around(Joined { role: inside.role.role(), escapes });
    }
    Ok(Declared {
        signature: keep::signature(signature),
        note: maybe(table.note.as_ref()),
        also: keep::texts(&table.also),
        source: maybe(table.source.as_ref()),
        python: maybe(table.python.as_ref()),
        notes: keep::notes(table.parameters.iter().map(|it| maybe(it.note.as_ref())).collect()),
        listens: table.listens.as_ref().map(|it| listens(it, table)).transpose()?,
    })
}

/// Stores the text of an optional key, and returns it with a static lifetime.
fn maybe(text: Option<&String>) -> Option<&'static str> {
    text.map(|it| keep::text(it))
}

fn listens(it: &ListensTable, table: &TypeTable) -> Result<Listens, Mistake> {
    let port = named(&it.port, table)?;
    if port.kind.get_ref() != "port" {
        let message = format!(
            "expected a parameter of the kind `port`, but `{}` has another",
            port.name.get_ref()
        );
        return Err(Mistake::at(&it.port, message));
    }
    let on = match (&it.interface, &it.address) {
        (Some(interface), None) => {
            ListensOn::Interface(keep::text(named(interface, table)?.name.get_ref()))
        }
        (None, Some(address)) => {
            let text = address.get_ref();
            let message =
                || Mistake::at(address, format!("expected an IP address, but found `{text}`"));
            ListensOn::Address(text.parse().map_err(|_| message())?)
        }
        (None, None) => ListensOn::Everywhere,
        (Some(_), Some(address)) => {
            return Err(Mistake::at(address, "expected `interface` or `address`, not both"));
        }
    };
    Ok(Listens { port: keep::text(port.name.get_ref()), on })
}

/// Returns the parameter of the table with this name; an error if there is none.
fn named<'t>(name: &Spanned<String>, table: &'t TypeTable) -> Result<&'t ParameterTable, Mistake> {
    let found = table.parameters.iter().find(|it| it.name.get_ref() == name.get_ref());
    found
        .ok_or_else(|| Mistake::at(name, format!("the type has no parameter `{}`", name.get_ref())))
}

fn parameter(one: &ParameterTable, table: &TypeTable) -> Result<Parameter, Mistake> {
    let (name, summary) = (keep::text(one.name.get_ref()), keep::text(&one.summary));
    let kind = kind(one)?;
    let mut parameter = match (one.required, &one.default) {
        (true, Some(default)) => {
            return Err(Mistake::at(default, "a parameter that is required has no default"));
        }
        (true, None) => Parameter::required(name, kind, summary),
        (false, Some(default)) => Parameter::or(name, kind, keep::text(default.get_ref()), summary),
        (false, None) => Parameter::optional(name, kind, summary),
    };
    if let (Kind::Word(words), Some(default)) = (kind, &one.default)
        && words.find(&Text::plain(default.get_ref())).is_none()
    {
        let found = default.get_ref();
        return Err(Mistake::at(default, format!("expected {words}, but found `{found}`")));
    }
    if one.keyword_only && one.positional_only {
        let message = format!("`{name}` is `keyword_only` or `positional_only`, not both");
        return Err(Mistake::at(&one.name, message));
    }
    parameter.keyword_only = one.keyword_only;
    parameter.positional_only = one.positional_only;
    parameter.absent_if_empty = one.empty_is_absent;
    parameter.with = one.with.as_ref().map(|it| condition(it, table)).transpose()?;
    Ok(parameter)
}

fn kind(one: &ParameterTable) -> Result<Kind, Mistake> {
    let name = one.kind.get_ref().as_str();
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) else {
        let names = KINDS.iter().map(|(known, _)| *known);
        let nearest = Text::plain(name).most_similar(names.clone());
        let nearest = nearest.map(|it| format!("did you mean `{it}`? ")).unwrap_or_default();
        let known: Vec<_> = names.map(|known| format!("`{known}`")).collect();
        let message = format!("unknown kind `{name}` ({nearest}known are {})", known.join(", "));
        return Err(Mistake::at(&one.kind, message));
    };
    match (&one.values, name) {
        (Some(values), WORD | "number") if !values.get_ref().is_empty() => {
            let mut words = Words::new(keep::texts(values.get_ref()));
            words.any_case = one.any_case;
            words.trimmed = one.trimmed;
            words.integers = name != WORD;
            return Ok(Kind::Word(keep::words(words)));
        }
        (Some(values), WORD | "number") => {
            return Err(Mistake::at(values, "expected one value or more"));
        }
        (Some(values), _) => {
            let message = format!("`{name}` has no `values`, only `word` and `number` have");
            return Err(Mistake::at(values, message));
        }
        (None, WORD) => return Err(Mistake::at(&one.kind, "expected `values` beside `word`")),
        (None, _) => {}
    }
    match (&one.nests, kind) {
        (Some(nests), Kind::Description) => Ok(match nests.get_ref() {
            Nests::Server => Kind::ServerDescription,
            Nests::Client => Kind::ClientDescription,
            Nests::SameRole => Kind::Description,
        }),
        (Some(nests), _) => {
            let message = format!("`{name}` does not nest, only `description` does");
            Err(Mistake::at(nests, message))
        }
        (None, _) => Ok(*kind),
    }
}

fn condition(text: &Spanned<String>, table: &TypeTable) -> Result<Condition, Mistake> {
    let condition = Condition::parse(keep::text(text.get_ref()));
    if table.parameters.iter().any(|it| it.name.get_ref() == condition.parameter) {
        return Ok(condition);
    }
    let message = format!("the type has no parameter `{}`", condition.parameter);
    Err(Mistake::at(text, message))
}

/// Checks that each default is a valid value of its parameter, by parsing a description with it.
fn defaults(table: &TypeTable, signature: &Signature, types: Types<'_>) -> Result<(), Mistake> {
    for one in &table.parameters {
        let Some(default) = one.default.as_ref().filter(|_| !one.positional_only) else { continue };
        let before = format!("{}:{}=", signature.name, one.name.get_ref());
        let text = format!("{before}{}", quote_string_argument(default.get_ref()));
        let report = types.check(&text, signature.role);
        let about = |span: Span| span.start >= before.len() && !span.is_empty();
        if let Some(error) = report.errors().find(|error| about(error.span)) {
            return Err(Mistake::at(default, &error.message));
        }
    }
    Ok(())
}
