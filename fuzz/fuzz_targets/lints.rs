//! Spans of lints and fixes lie within the text; fixes of style lints keep the meaning.
#![no_main]

strports_fuzz::mutated_target!(lints);
