//! The exported grammars are up to date, and the parser accepts most of their derivations.

use std::fs;
use std::path::Path;

use strports_fuzz::grammar::{Grammar, START, Symbol, for_grammar_mutator, for_nautilus, grammar};
use strports_syntax::check_either;

fn committed(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar").join(name)).unwrap()
}

#[test]
fn the_committed_grammars_are_up_to_date() {
    let how = "examples/grammar.rs writes them";
    assert_eq!(committed("grammar-mutator.json"), for_grammar_mutator(&grammar()), "{how}");
    assert_eq!(committed("nautilus.json"), for_nautilus(&grammar()), "{how}");
    let json: serde_json::Value =
        serde_json::from_str(&committed("grammar-mutator.json")).expect("it is JSON");
    assert_eq!(json["<start>"][0][0], format!("<{START}>"));
}

#[test]
fn nautilus_reads_the_grammar_that_was_written() {
    let rules: Vec<(String, String)> =
        serde_json::from_str(&committed("nautilus.json")).expect("it is JSON");
    // Nautilus begins with the first rule.
    assert_eq!(rules[0].0, START);
    let mut read = Grammar::new();
    for (name, text) in rules {
        read.entry(name).or_default().push(symbols_of_nautilus(&text));
    }
    let mut written = grammar();
    written.values_mut().flatten().for_each(join_texts);
    assert_eq!(read, written);
}

/// Makes one text of neighboring texts.
fn join_texts(symbols: &mut Vec<Symbol>) {
    symbols.dedup_by(|next, before| match (before, next) {
        (Symbol::Text(before), Symbol::Text(next)) => {
            before.push_str(next);
            true
        }
        _ => false,
    });
    symbols.retain(|symbol| *symbol != Symbol::Text(String::new()));
}

/// The symbols of an expansion, as `Rule::tokenize` of Nautilus finds them.
fn symbols_of_nautilus(text: &str) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    let mut literal = String::new();
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' if rest.as_str().starts_with(['{', '}']) => literal.extend(rest.next()),
            '{' => {
                let (name, after) = rest.as_str().split_once('}').expect("a rule has an end");
                symbols.extend((!literal.is_empty()).then(|| Symbol::Text(literal.clone())));
                literal.clear();
                symbols.push(Symbol::Rule(name.into()));
                rest = after.chars();
            }
            other => literal.push(other),
        }
    }
    symbols.extend((!literal.is_empty()).then_some(Symbol::Text(literal)));
    symbols
}

#[test]
fn most_derivations_are_accepted() {
    let grammar = grammar();
    let mut seed = 1;
    let derived: Vec<String> = (0..5000).map(|_| derive(&grammar, START, &mut seed, 0)).collect();
    let accepted = derived.iter().filter(|text| check_either(text.as_str()).0.is_ok()).count();
    assert!(accepted > 2500, "only {accepted} of {} are accepted", derived.len());
    let types = derived.iter().filter_map(|text| text.split(':').next());
    let types: std::collections::BTreeSet<&str> = types.collect();
    assert!(types.len() >= 11, "{types:?}");
}

/// Derives one text from a rule, with choices by a linear congruential generator.
fn derive(grammar: &Grammar, rule: &str, seed: &mut u32, depth: usize) -> String {
    *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let expansions = &grammar[rule];
    // The first expansion of a recursive rule is empty.
    let choice = if depth > 6 { 0 } else { usize::try_from(*seed >> 8).unwrap() };
    let symbols = &expansions[choice % expansions.len()];
    let text = symbols.iter().map(|symbol| match symbol {
        Symbol::Text(text) => text.clone(),
        Symbol::Rule(name) => derive(grammar, name, seed, depth + 1),
    });
    text.collect()
}
