//! What an endpoint will do, in a sentence or two.

use super::super::Shown;
use crate::runtime::plan::{ClientPlan, ServerPlan};
use strports_syntax::Value;
use strports_syntax::{ClientEndpoint, Parameters, Report, ServerEndpoint};

/// More than any endpoint with values of sensible length needs.
const MOST: usize = 500;

/// The sentences; none where there are errors.
pub(super) fn of(report: &Report<'_>) -> Option<String> {
    sentences(report).map(|text| Shown::head(text.as_bytes(), MOST).text().to_owned())
}

fn sentences(report: &Report<'_>) -> Option<String> {
    let (does, problem) = match (report.server(), report.client()) {
        (Some(server), _) => (of_server(server), ServerPlan::try_from(server).err()),
        (None, Some(client)) => (of_client(client), ClientPlan::try_from(client).err()),
        (None, None) => return None,
    };
    Some(match problem {
        None => format!("It {does}."),
        Some(problem) => format!("It {does}. It cannot be run: {problem}."),
    })
}

fn of_server(server: &ServerEndpoint<'_>) -> String {
    ServerPlan::try_from(server).map_or_else(|_| from_table(server), |plan| format!("will {plan}"))
}

fn of_client(client: &ClientEndpoint<'_>) -> String {
    ClientPlan::try_from(client).map_or_else(|_| from_table(client), |plan| format!("will {plan}"))
}

/// What the table says of a type that cannot be run, and what stands inside it.
fn from_table(endpoint: &dyn Parameters) -> String {
    let summary = endpoint.signature().summary;
    match endpoint.value("endpoint") {
        Value::Server(inner) => format!("{summary}; underneath, it {}", of_server(inner)),
        Value::Client(inner) => format!("{summary}; underneath, it {}", of_client(inner)),
        _ => summary.to_owned(),
    }
}
