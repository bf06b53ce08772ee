//! Describes in a sentence or two what an endpoint does when it runs.

use super::head::head;
use crate::runtime::plan::{ClientPlan, ServerPlan};
use strports_syntax::Value;
use strports_syntax::{ClientEndpoint, Parameters, Report, ServerEndpoint, Signature};

/// The maximum length of the sentences in bytes; only unusually long values exceed it.
const MOST: usize = 500;

/// Returns sentences about what the endpoint does; `None` if the description has errors.
///
/// See the [module](crate::describe) for an example.
pub fn sentence(report: &Report<'_>) -> Option<String> {
    sentences(report).map(|text| head(text.as_bytes(), MOST))
}

fn sentences(report: &Report<'_>) -> Option<String> {
    let (does, problem) = match (report.server(), report.client()) {
        (Some(server), _) => (of_server(server), ServerPlan::try_from(server).err()),
        (None, Some(client)) => (of_client(client), ClientPlan::try_from(client).err()),
        (None, None) => return None,
    };
    let endpoint = report.endpoint()?;
    if let Some(plugin) = plugin(endpoint) {
        let by = plugin.package.map(|package| format!(", with the package `{package}`"));
        let by = by.unwrap_or_default();
        return Some(format!("It {does}. Twisted runs it{by}; strports does not."));
    }
    Some(match problem {
        None => format!("It {does}."),
        Some(problem) => format!("It {does}. It cannot be run: {problem}."),
    })
}

fn of_server(server: &ServerEndpoint<'_>) -> String {
    let plan = ServerPlan::try_from(server).ok().filter(|_| plugin(server).is_none());
    plan.map_or_else(|| from_table(server), |plan| format!("will {plan}"))
}

fn of_client(client: &ClientEndpoint<'_>) -> String {
    let plan = ClientPlan::try_from(client).ok().filter(|_| plugin(client).is_none());
    plan.map_or_else(|| from_table(client), |plan| format!("will {plan}"))
}

/// Returns the type of a Python package that the endpoint or a nested one has. `None` if strports
/// implements all its types.
fn plugin(endpoint: &dyn Parameters) -> Option<&'static Signature> {
    let signature = endpoint.signature();
    let inside = |name: &str| match endpoint.value(name) {
        Value::Server(inner) => plugin(inner),
        Value::Client(inner) => plugin(inner),
        _ => None,
    };
    Some(signature).filter(|it| it.plugin).or_else(|| inside("endpoint"))
}

/// Describes a type that cannot be run by its summary, and then the endpoint nested in it.
fn from_table(endpoint: &dyn Parameters) -> String {
    let summary = endpoint.signature().summary;
    match endpoint.value("endpoint") {
        Value::Server(inner) => format!("{summary}; underneath, it {}", of_server(inner)),
        Value::Client(inner) => format!("{summary}; underneath, it {}", of_client(inner)),
        _ => summary.to_owned(),
    }
}
