//! The runtime plan of a description contains what its arguments say, and nothing else.

use endpoint_runtime::plan::{ClientPlan, ServerPlan};
use strports_syntax::{ClientEndpoint, Description, ServerEndpoint};

use crate::model::plan;

/// Checks the law: `input` is a description, which is planned in each role that accepts it.
pub fn holds(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(endpoint) = ServerEndpoint::parse(text)
        && let Some(expected) = plan::server(text)
    {
        let found = ServerPlan::try_from(&endpoint);
        assert_eq!(found.as_ref().ok(), expected.as_ref().ok(), "server {text:?}: {found:?}");
    }
    if let Ok(endpoint) = ClientEndpoint::parse(text)
        && let Some(expected) = client(text, &endpoint)
    {
        let found = ClientPlan::try_from(&endpoint);
        assert_eq!(found.as_ref().ok(), expected.as_ref().ok(), "client {text:?}: {found:?}");
    }
}

fn client(text: &str, endpoint: &ClientEndpoint<'_>) -> Option<plan::Planned<ClientPlan>> {
    if !matches!(endpoint, ClientEndpoint::Process(_)) {
        return plan::client(text);
    }
    let description = Description::parse(text).ok()?;
    let arguments = description.arguments();
    let arguments = arguments.map(|it| (it.key.map(|key| key.to_string()), it.value.to_string()));
    let arguments: Vec<_> = arguments.collect();
    plan::process(&arguments).map(|planned| planned.map(ClientPlan::from))
}
