//! A law for honggfuzz; the first argument is its name.

fn main() {
    let law = strports_fuzz::law_of_first_argument();
    loop {
        honggfuzz::fuzz!(|input: &[u8]| {
            law(input);
        });
    }
}
