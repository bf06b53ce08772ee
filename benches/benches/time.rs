//! Measures the time and the allocations of every benchmark case.
//!
//! ```text
//! cargo bench -p strports-benches --bench time
//! ```
//!
//! One iteration reads every input of a case once. The numbers of allocations are exact and equal
//! in every run; the times depend on the machine.

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use strports_benches::cases::{Case, landmarks, many, ours};

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

static CASES: LazyLock<Vec<Case>> =
    LazyLock::new(|| [ours(), many(), landmarks()].into_iter().flatten().collect());

fn main() {
    divan::main();
}

#[divan::bench(args = CASES.iter())]
fn read(bencher: Bencher<'_, '_>, case: &Case) {
    let case = case.load();
    bencher
        .counter(ItemsCount::new(case.inputs))
        .counter(BytesCount::new(case.bytes))
        .bench_local(|| case.run());
}
