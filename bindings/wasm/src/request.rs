//! A request of the host: the name of a function, and its arguments.

use std::borrow::Cow;

use serde::Deserialize;

use crate::functions::{self, Answer};
use strports::convert::Form;
use strports::signature::Releases;
use strports::{Excerpt, Role, Text};

/// A request to call a function. Options that belong to other functions are ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request<'r> {
    function: Function,
    #[serde(borrow)]
    text: Option<Cow<'r, str>>,
    /// The role, `server` or `client`. If absent, it is the role that fits better.
    #[serde(borrow)]
    role: Option<Cow<'r, str>>,
    /// A release of Twisted that reads the description, or a range of them. If absent, it is the
    /// newest.
    #[serde(borrow)]
    twisted: Option<Cow<'r, str>>,
    /// For `quote`: whether the text is escaped for a positional argument.
    #[serde(default)]
    positional: bool,
    /// For `fix`: whether fixes that are not safe are applied too.
    #[serde(default)]
    suggestions: bool,
    /// For `convert`: the name of the text's form. If absent, the form is recognized.
    #[serde(borrow)]
    from: Option<Cow<'r, str>>,
    /// For `convert`: the name of the results' form. If absent, they are descriptions.
    #[serde(borrow)]
    to: Option<Cow<'r, str>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Function {
    Anatomy,
    Check,
    Complete,
    Convert,
    Explain,
    Fix,
    Fmt,
    Forms,
    Quote,
    Releases,
    Types,
}

impl Request<'_> {
    /// Calls the function, and returns its result as JSON.
    ///
    /// # Errors
    ///
    /// Returns a message if an option is missing or has an unknown value.
    pub(crate) fn answer(&self) -> Answer {
        let role = self.role()?;
        match self.function {
            Function::Anatomy => functions::anatomy(self.text()?, role),
            Function::Check => {
                functions::json(functions::read(self.text()?, role, self.twisted()?).diagnostics())
            }
            Function::Complete => functions::complete(self.text()?, role),
            Function::Convert => {
                let to = form(self.to.as_deref())?.unwrap_or(Form::DESCRIPTION);
                functions::convert(self.text()?, form(self.from.as_deref())?, to, role)
            }
            Function::Explain => functions::explain(self.text()?, role, self.twisted()?),
            Function::Fix => functions::fix(self.text()?, role, self.twisted()?, self.suggestions),
            Function::Fmt => functions::fmt(self.text()?, role),
            Function::Forms => functions::forms(),
            Function::Quote => functions::quote(self.text()?, self.positional),
            Function::Releases => functions::releases(),
            Function::Types => functions::types(),
        }
    }

    fn text(&self) -> Result<&str, String> {
        self.text.as_deref().ok_or_else(|| "expected a `text`".to_owned())
    }

    fn role(&self) -> Result<Option<Role>, String> {
        let Some(name) = self.role.as_deref() else { return Ok(None) };
        let known = [Role::Server, Role::Client].into_iter().find(|role| role.as_str() == name);
        known.map(Some).ok_or_else(|| {
            format!("expected `server` or `client` as the role, but found {}", excerpt(name))
        })
    }

    fn twisted(&self) -> Result<Option<Releases>, String> {
        let releases = self.twisted.as_deref().map(str::parse::<Releases>).transpose();
        releases.map_err(|error| error.to_string())
    }
}

fn form(name: Option<&str>) -> Result<Option<Form>, String> {
    let Some(name) = name else { return Ok(None) };
    Form::from_name(name).map(Some).ok_or_else(|| {
        let names: Vec<_> = Form::all().map(Form::name).collect();
        let nearest = Text::plain(name).most_similar(names.iter().copied());
        let nearest = nearest.map(|it| format!(" (did you mean `{it}`?)")).unwrap_or_default();
        format!("unknown form {}{nearest}", excerpt(name))
    })
}

fn excerpt(text: &str) -> Excerpt {
    Excerpt::new(Text::plain(text))
}
