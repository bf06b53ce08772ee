//! A law for AFL++; the first argument is its name.

fn main() {
    let law = strports_fuzz::law_of_first_argument();
    afl::fuzz!(|input: &[u8]| law(input));
}
