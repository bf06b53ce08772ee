//! Prints `spec/endpoints.md`: every type and parameter, from the one table of signatures.
//!
//! ```text
//! cargo run -q -p strports-syntax --example endpoints_md > spec/endpoints.md
//! ```

use std::fmt::{self, Display};
use std::io::{self, Write};

use strports_syntax::signature::{Binding, Default, Kind, Parameter, Signature};
use strports_syntax::{NESTING_LIMIT, Role};

fn main() -> io::Result<()> {
    write!(io::stdout(), "{Page}")
}

const HEAD: &str = "\
# Endpoints

Every type and every parameter. Generated from the signature table in
`strports-syntax/src/signature/`: `ci/check spec` says how, and fails if this page is out of date.

A parameter with a position can be given there or by its keyword; one without, only by its keyword.
*Ours* marks extensions, which Twisted lacks. `versions.md` lists what each release of Twisted
changed. In text, `\\` escapes the character after it: write `\\:` for a colon in any argument.
";

/// The whole page.
pub(crate) struct Page;

impl Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for role in [Role::Server, Role::Client] {
            let (title, verb) = match role {
                Role::Server => ("Servers", "listen"),
                Role::Client => ("Clients", "connect"),
            };
            write!(f, "\n## {title}\n\nThe types that {verb}.\n")?;
            Signature::all(role)
                .iter()
                .try_for_each(|signature| write!(f, "{}", Section(signature)))?;
        }
        Ok(())
    }
}

/// One type.
struct Section(&'static Signature);

impl Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(signature) = self;
        write!(f, "\n### `{}`\n\n", Grammar(signature))?;
        let ours = if signature.extension { "*Ours.* " } else { "" };
        writeln!(f, "{ours}`{}` {}. {}", signature.name, signature.summary, binding(signature))?;
        if let Some(since) = signature.since() {
            writeln!(f, "Twisted has it since {since}.")?;
        }
        if !signature.any_case {
            writeln!(f, "The type is case-sensitive: `{}` is unknown.", capitals(signature.name))?;
        }
        if signature.parameters.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n| position | keyword | takes | default | | meaning |")?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        let places = 1..;
        for (place, parameter) in places.zip(signature.parameters) {
            let place = place_of(signature, parameter, place);
            let ours = match parameter.since() {
                Some(since) => format!("since {since}"),
                None if parameter.extension => "*ours*".into(),
                None => String::new(),
            };
            let kind = cell(parameter.kind.describe());
            let summary = cell(parameter.summary);
            let (names, default) = (names(parameter), default(parameter));
            writeln!(f, "| {place} | {names} | {kind} | {default} | {ours} | {summary} |")?;
        }
        Ok(())
    }
}

/// Prints the positional form of a type.
struct Grammar(&'static Signature);

impl Display for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(signature) = self;
        f.write_str(signature.name)?;
        match signature.binding {
            Binding::Anything => return f.write_str(":"),
            Binding::Wrapper => return write!(f, ":{}", capitals(signature.role.as_str())),
            _ => {}
        }
        let mut open = 0;
        for parameter in signature.positional() {
            let required =
                matches!(parameter.default, Default::Required | Default::RequiredUnless(_));
            if !required {
                f.write_str("[")?;
                open += 1;
            }
            write!(f, ":{}", capitals(parameter.name))?;
        }
        f.write_str(&"]".repeat(open))?;
        f.write_str(if signature.binding == Binding::Program { "[:ARG…]" } else { "" })
    }
}

fn binding(signature: &Signature) -> String {
    match signature.binding {
        Binding::Call => "Arguments bind as in a Python call.".into(),
        Binding::HostAndPort => {
            "Two positional arguments are `host` and `port`, and take precedence \
            over the keywords. A single one is the port if `host=` is given, and the host \
            otherwise. With none, or with three or more, only the keywords count."
                .into()
        }
        Binding::Path => {
            "A single positional argument is the path, and takes precedence over the keyword."
                .into()
        }
        Binding::Anything => "It takes any arguments and ignores them.".into(),
        Binding::Wrapper => format!(
            "The rest, without the type and the keywords below, is itself a {} description. At most \
             {NESTING_LIMIT} may nest. If `haproxy` wraps `haproxy`, the outermost one takes the \
             keywords.",
            signature.role
        ),
        Binding::Joined(_) => {
            "The remaining arguments are joined to the description inside it.".into()
        }
        Binding::Program => {
            "The first positional argument is the program, the others are its arguments.".into()
        }
    }
}

fn place_of(signature: &Signature, parameter: &Parameter, place: usize) -> String {
    match parameter.kind {
        Kind::Rest => format!("{place}…"),
        _ if parameter.keyword_only || signature.binding == Binding::Wrapper => String::new(),
        _ => place.to_string(),
    }
}

fn names(parameter: &Parameter) -> String {
    match (parameter.kind, parameter.alias) {
        (Kind::Rest, _) => "by position only".into(),
        (_, Some(alias)) => format!("`{}` or `{alias}`", parameter.name),
        (_, None) => format!("`{}`", parameter.name),
    }
}

fn default(parameter: &Parameter) -> String {
    match parameter.default {
        Default::Required => "required".into(),
        Default::RequiredUnless(other) => format!("required without `{other}`"),
        Default::Absent => "none".into(),
        Default::SameAs(other) => format!("as `{other}`"),
        Default::Text("") => "empty".into(),
        Default::Text(text) => format!("`{}`", cell(text)),
    }
}

fn capitals(name: &str) -> String {
    name.to_ascii_uppercase()
}

/// A bar would end a cell.
fn cell(text: &str) -> String {
    text.replace('|', r"\|")
}
