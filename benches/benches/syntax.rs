//! Text to arguments, to typed endpoints, to findings, and back to text.
//!
//! ```text
//! cargo bench -p strports-benches
//! ```
//!
//! One iteration reads the whole corpus, so a time is that of some dozens of descriptions; `item/s`
//! and `B/s` count single ones. The allocation columns are exact and the same in every run.
//! `url_parse` stands beside them as the parser of another one-line address that people know:
//! another grammar and other inputs, so its number is a landmark and no race.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use strports_benches::{URLS, clients, servers};
use strports_syntax::{ClientEndpoint, Description, Role, ServerEndpoint, canonical_bytes, check};

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// Benchmarks `read` on the whole of `corpus`.
fn over<T>(bencher: Bencher<'_, '_>, corpus: &[String], read: impl Fn(&str) -> T + Sync) {
    let bytes: usize = corpus.iter().map(String::len).sum();
    bencher
        .counter(ItemsCount::new(corpus.len()))
        .counter(BytesCount::new(bytes))
        .bench(|| corpus.iter().for_each(|text| drop(divan::black_box(read(text)))));
}

#[divan::bench]
fn arguments(bencher: Bencher<'_, '_>) {
    over(bencher, &servers(), |text| {
        Description::parse(text).map(|description| {
            description.arguments().for_each(|argument| drop(divan::black_box(argument)));
        })
    });
}

#[divan::bench]
fn server_endpoint(bencher: Bencher<'_, '_>) {
    over(bencher, &servers(), |text| ServerEndpoint::parse(text).is_ok());
}

#[divan::bench]
fn client_endpoint(bencher: Bencher<'_, '_>) {
    over(bencher, &clients(), |text| ClientEndpoint::parse(text).is_ok());
}

#[divan::bench]
fn check_server(bencher: Bencher<'_, '_>) {
    over(bencher, &servers(), |text| check(text, Role::Server).is_ok());
}

#[divan::bench]
fn check_client(bencher: Bencher<'_, '_>) {
    over(bencher, &clients(), |text| check(text, Role::Client).is_ok());
}

/// Parsing is not counted: endpoints are at hand.
#[divan::bench]
fn print_server(bencher: Bencher<'_, '_>) {
    let corpus = servers();
    let endpoints: Vec<_> =
        corpus.iter().filter_map(|text| ServerEndpoint::parse(text).ok()).collect();
    bencher
        .counter(ItemsCount::new(endpoints.len()))
        .bench(|| endpoints.iter().for_each(|it| drop(divan::black_box(canonical_bytes(it)))));
}

#[divan::bench]
fn url_parse(bencher: Bencher<'_, '_>) {
    over(bencher, &URLS.map(String::from), url::Url::parse);
}
