//! Tokens cover the text without gaps, and unescaping agrees with the model.
#![no_main]

strports_fuzz::mutated_target!(lex);
