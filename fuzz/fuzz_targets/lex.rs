//! Tokens tile the text, and unescaping is what the model says.
#![no_main]

strports_fuzz::mutated_target!(lex);
