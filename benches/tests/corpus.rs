//! Checks that the benchmark inputs have the properties that their comments promise.

use strports_benches::corpus::{self, BUSES, Shape, URIS};
use strports_syntax::{Description, Role, ServerEndpoint};

#[test]
fn the_realistic_corpus_is_forty_descriptions_of_both_roles() {
    let all = corpus::realistic();
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().filter(|input| input.role == Role::Server).count(), 24);
    let mut texts: Vec<_> = all.iter().map(|input| &input.text).collect();
    texts.sort();
    texts.dedup();
    assert!(texts.len() >= 39, "{texts:#?}");
}

#[test]
fn every_other_corpus_has_inputs() {
    assert!(corpus::nested().len() >= 5);
    assert!(corpus::refused().len() >= 20);
    assert!(corpus::escaped_values().len() >= 5);
    assert_eq!(corpus::random(3), corpus::random(5)[..3]);
}

#[test]
fn landmarks_have_the_length_of_descriptions() {
    let mean = |lens: &[usize]| lens.iter().sum::<usize>() / lens.len();
    let ours = mean(&corpus::realistic().iter().map(|it| it.text.len()).collect::<Vec<_>>());
    for theirs in [mean(&URIS.map(str::len)), mean(&BUSES.map(str::len))] {
        assert!(ours.abs_diff(theirs) * 10 <= ours, "{ours} bytes, and theirs are {theirs}");
    }
}

#[test]
#[cfg(feature = "landmarks")]
fn landmarks_are_accepted() {
    use std::str::FromStr;

    for text in URIS {
        assert!(http::Uri::from_str(text).is_ok(), "{text}");
        assert!(url::Url::parse(text).is_ok(), "{text}");
    }
    for text in BUSES {
        assert!(zbus::Address::from_str(text).is_ok(), "{text}");
    }
}

#[test]
fn shapes_have_their_size_and_parse() {
    for shape in Shape::ALL {
        for size in [1024, 1025, 64 * 1024] {
            let text = shape.text("unix:", size);
            assert_eq!(text.len(), size);
            assert!(Description::parse(&text).is_ok(), "{}", shape.name());
        }
    }
    assert!(ServerEndpoint::parse(&Shape::Escaped.text("unix:", 1024)).is_ok());
}
