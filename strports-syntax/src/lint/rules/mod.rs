//! The rules, in the order in which they run: rules that explain errors come first. The last rule
//! is silent at places that another rule has reported.

mod dh_parameters_ignored;
mod duplicate_keyword;
mod empty_argument;
mod haproxy_trusts_everyone;
mod ignored_argument;
mod interface_family;
mod legacy_bare_port;
mod legacy_ssl_client;
mod looks_like_url;
mod needless_escape;
mod needs_plugin;
mod noncanonical_integer;
mod not_in_twisted;
mod port_zero_client;
mod positional_looks_like_keyword;
mod private_key_ignored;
mod proxy_inside_tls;
mod shadowed_keyword;
mod surplus_positional;
mod type_case;
mod type_not_first;
mod unescaped_endpoint;
mod unescaped_equals;
mod unescaped_ipv6;
mod unverified_hostname;
mod windows_path;
mod world_writable_socket;

use super::rule::Rule;

/// Every rule, in the order they run. Later ones can see what earlier ones found.
pub(crate) const RULES: &[Rule] = &[
    unescaped_endpoint::RULE,
    unescaped_ipv6::RULE,
    windows_path::RULE,
    looks_like_url::RULE,
    legacy_bare_port::RULE,
    positional_looks_like_keyword::RULE,
    unescaped_equals::RULE,
    duplicate_keyword::RULE,
    shadowed_keyword::RULE,
    ignored_argument::RULE,
    empty_argument::RULE,
    interface_family::RULE,
    port_zero_client::RULE,
    proxy_inside_tls::RULE,
    surplus_positional::RULE,
    private_key_ignored::RULE,
    unverified_hostname::RULE,
    world_writable_socket::RULE,
    legacy_ssl_client::RULE,
    dh_parameters_ignored::RULE,
    haproxy_trusts_everyone::RULE,
    not_in_twisted::RULE,
    needs_plugin::RULE,
    type_not_first::RULE,
    noncanonical_integer::RULE,
    type_case::RULE,
    needless_escape::RULE,
];
