//! Tests the rows of the tables in both directions.

use super::*;

fn role_of(row: &Row) -> Option<Role> {
    row.example.starts_with("server:").then_some(Role::Server)
}

#[test]
fn every_row_converts_as_documented() {
    let mut wrong = Vec::new();
    for form in Form::all() {
        for row in form.rows() {
            let conversion = convert(row.example, Some(form), Form::DESCRIPTION, role_of(&row));
            let texts: Vec<_> = conversion.results.iter().map(|it| &*it.text).collect();
            let gives = texts.join("\n");
            if gives != row.gives {
                let why = conversion.failures.iter().map(ToString::to_string).collect::<Vec<_>>();
                wrong.push(format!(
                    "{}: {:?}\n  gave {gives:?}, not {:?} {why:?}",
                    form.name(),
                    row.example,
                    row.gives
                ));
            }
            if row.gives.is_empty() && conversion.failures.is_empty() {
                wrong.push(format!("{}: {:?} says not why", form.name(), row.example));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_is_recognized() {
    let mut wrong = Vec::new();
    for form in Form::all() {
        for row in form.rows() {
            let found = Form::from_text(row.example);
            // Some texts mean the same in two forms: `TCP:h:80` is also a description.
            let same = found.is_some_and(|found| {
                let as_found = convert(row.example, Some(found), Form::DESCRIPTION, None);
                let texts: Vec<_> = as_found.results.iter().map(|it| &*it.text).collect();
                texts.join("\n") == row.gives
            });
            if found != Some(form) && !same {
                wrong.push(format!("{}: {:?} is taken for {found:?}", form.name(), row.example));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn written_addresses_convert_back() {
    let mut wrong = Vec::new();
    for form in Form::all().filter(|form| *form != Form::DESCRIPTION) {
        for row in
            form.rows().into_iter().filter(|row| !row.gives.is_empty() && !row.gives.contains('\n'))
        {
            let there = convert(row.example, Some(form), form, None);
            let Some(result) = there.results.first() else {
                if there.failures.is_empty() {
                    wrong.push(format!("{}: {:?} vanishes", form.name(), row.example));
                }
                continue;
            };
            // Losses are reported, and cannot be converted back.
            let read = convert(row.example, Some(form), Form::DESCRIPTION, None);
            if there.losses != read.losses {
                continue;
            }
            let role = result.role;
            let back = convert(&result.text, Some(form), Form::DESCRIPTION, role);
            let back: Vec<_> = back.results.iter().map(|it| &*it.text).collect();
            if back != [row.gives] {
                wrong.push(format!(
                    "{}: {:?}\n  is written {:?}\n  and read as {back:?}, not {:?}",
                    form.name(),
                    row.example,
                    result.text,
                    row.gives
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
