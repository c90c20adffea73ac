//! What the declarations say of one name, as the reference page has it.

use std::fmt::Write;

use super::{
    Api, Entry, pytorch,
    reference::{reference, write_class, write_entry, write_entry_point, write_options, write_script},
};
use crate::{Error, Result};

/// What there is of a name: a function (`mb.optim.sgd`, or `sgd`), a group of them (`mb.optim`), a method (`Tensor:softmax`, or
/// `softmax` of every class), a field (`Tensor.shape`), a class, a table of options, an option, something that a script
/// returns, or all of that (`Script`); of `mb` everything. Functions come with the tables of options that they take.
///
/// # Errors
/// There is nothing of that name; what is written here where PyTorch has it.
pub fn help(api: &Api, asked: &str) -> Result<String> {
    if ["mb", "moonburn"].contains(&asked) {
        return Ok(reference(api));
    }
    let name = asked.strip_prefix("mb.").or_else(|| asked.strip_prefix("moonburn.")).unwrap_or(asked);
    let (class, own) = name.split_once([':', '.']).map_or((None, name), |(class, own)| (Some(class), own));
    let mut out = String::new();
    let mut shown: Vec<&Entry> = Vec::new();
    // `Linear` is how PyTorch has it.
    let lower = name.to_ascii_lowercase();
    let is_asked = |entry: &&Entry| {
        let name = lower.as_str();
        let is_in_group = entry.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        is_in_group || entry.name == name || entry.name.strip_suffix(name).is_some_and(|group| group.ends_with('.'))
    };
    for entry in api.functions.iter().filter(is_asked) {
        write_entry(&mut out, "mb.", entry);
        shown.push(entry);
    }
    for known in api.classes.iter().filter(|known| class.is_none_or(|class| is_same(known.name, class))) {
        if class.is_none() && is_same(known.name, name) {
            write_class(&mut out, known);
        }
        for (field, kind, doc) in known.documented_fields().filter(|(field, ..)| *field == own) {
            let _ = writeln!(out, "- `{}.{field}`: `{kind}`. {doc}", known.name);
        }
        for entry in known.entries.iter().filter(|entry| is_same(&entry.name, own)) {
            write_entry(&mut out, &format!("{}:", known.name), entry);
            shown.push(entry);
        }
    }
    let is_of_script = class.is_none_or(|class| is_same("Script", class));
    let entry_points = api.entry_points().iter().filter(|known| is_of_script && known.name == own);
    entry_points.for_each(|known| write_entry_point(&mut out, known));
    if is_same("Script", name) {
        write_script(&mut out, api);
    }
    for options in api.docs.options.values() {
        let is_taken = |entry: &&Entry| entry.parameters.iter().any(|given| names(&given.kind, options.name));
        if is_same(options.name, name) || shown.iter().any(is_taken) {
            out.push_str(if out.is_empty() { "" } else { "\n" });
            write_options(&mut out, options);
        }
    }
    if out.is_empty() {
        write_fields(&mut out, api, class, own);
    }
    match (out.is_empty(), pytorch::instead(name)) {
        (false, _) => Ok(out),
        (true, Some(instead)) => Err(Error::State { op: "help", reason: format!("unknown name '{asked}': {instead}") }),
        (true, None) => Err(Error::unknown("help", "name", asked, known(api, asked))),
    }
}

/// Which tables of options have one of this name, or the one that is named before it.
fn write_fields(out: &mut String, api: &Api, table: Option<&str>, own: &str) {
    for options in api.docs.options.values().filter(|options| table.is_none_or(|table| is_same(options.name, table))) {
        for (field, kind, _, doc) in options.fields.iter().filter(|(field, ..)| field == own) {
            let _ = writeln!(out, "- `{}.{field}`: `{kind}`. {doc}", options.name);
        }
    }
}

fn is_same(name: &str, asked: &str) -> bool {
    name.eq_ignore_ascii_case(asked)
}

/// Whether a type names a class: `moonburn.SgdOptions?` does so of `SgdOptions`.
fn names(kind: &str, class: &str) -> bool {
    kind.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == class)
}

/// Every name, functions as they are asked for: with `mb.` or without.
fn known(api: &Api, asked: &str) -> Vec<String> {
    let prefix = ["mb.", "moonburn."].into_iter().find(|prefix| asked.starts_with(prefix)).unwrap_or_default();
    let functions = api.functions.iter().map(|entry| format!("{prefix}{}", entry.name));
    let methods = api.classes.iter().flat_map(|class| class.entries.iter().map(|entry| entry.name.clone()));
    let classes = api.classes.iter().map(|class| class.name.to_owned());
    let entry_points = api.entry_points().iter().map(|entry_point| entry_point.name.to_owned());
    functions
        .chain(entry_points)
        .chain(methods)
        .chain(classes)
        .chain(api.docs.options.keys().map(|name| (*name).to_owned()))
        .collect()
}
