//! What is written here for names of PyTorch and torchvision, where these are not the same. Each is declared once; a
//! test sees to it that what a line tells exists, and that the name itself does not.

mod names;

use crate::Error;
use names::PLACES;

/// An error for a name that is none of those known: what is written for it if it is PyTorch's, else the nearest.
pub(crate) fn unknown(place: &str, what: &'static str, got: String, known: &[String]) -> Error {
    let mut names = PLACES.iter().filter(|(name, _)| *name == place).flat_map(|(_, names)| names.iter());
    if let Some((_, instead)) = names.find(|(name, _)| *name == got) {
        return Error::Elsewhere { op: place.into(), what, got, instead: (*instead).into() };
    }
    // PyTorch's mark of what changes a tensor where it is.
    if let Some(method) = got.strip_suffix('_').filter(|method| known.iter().any(|name| name == method)) {
        let instead = format!("only t[i] = v changes a tensor: write t = t:{method}(…)");
        return Error::Elsewhere { op: place.into(), what, got, instead };
    }
    Error::unknown(place, what, got, known)
}

/// What is written for a name of PyTorch, such as `Adam` or `optim.adam`, wherever it would stand.
pub(super) fn instead(path: &str) -> Option<&'static str> {
    let (group, name) = path.rsplit_once(['.', ':']).map_or((None, path), |(group, name)| (Some(group), name));
    let is_place =
        |place: &str| group.is_none_or(|group| place == group || place.strip_prefix("moonburn.") == Some(group));
    let mut names = PLACES.iter().filter(|(place, _)| is_place(place)).flat_map(|(_, names)| names.iter());
    names.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lua::{api::Api, declare_all};

    /// `mb.nn.linear`, `t:reshape` and `t.rank` in a text: what stands before the name, the mark, the name.
    fn mentioned(text: &str) -> Vec<(&str, char, &str)> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == ':';
        let words = text.split(|c: char| !is_name(c)).map(|word| word.trim_matches(['.', ':']));
        words
            .filter_map(|word| {
                word.rfind([':', '.']).map(|at| (&word[..at], word.as_bytes()[at] as char, &word[at + 1..]))
            })
            .collect()
    }

    #[test]
    fn what_is_told_for_a_name_of_pytorch_exists_and_the_name_does_not() {
        let mut api = Api::default();
        declare_all(&mut api);
        let class = |name: &str| api.classes.iter().find(|class| class.name == name).unwrap();
        let has = |name: &str, member: &str| class(name).names().iter().any(|known| known == member);
        let is_function = |path: &str| {
            let inside = |name: &str| name == path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
            api.functions.iter().any(|entry| inside(&entry.name))
        };
        for (place, names) in PLACES {
            for (name, instead) in *names {
                let path = place.strip_prefix("moonburn").map(|table| format!("{table}.{name}"));
                let exists = match (path, *place) {
                    (Some(path), _) => is_function(path.trim_start_matches('.')),
                    (None, "session") => has("Session", name),
                    (None, class) => has(class, name),
                };
                assert!(!exists, "{place} has {name}");
                for (owner, mark, member) in mentioned(instead) {
                    let known = match owner {
                        "session" => has("Session", member),
                        "module" if member == "NAME" => true,
                        "self" => has("Module", member),
                        "module" => has("Module", member),
                        "optimizer" => has("Optimizer", member),
                        "images" => has("ImageSet", member),
                        "schedule" => has("Schedule", member),
                        // A part of the library.
                        "moonburn" => {
                            let file = format!("scripts/moonburn/{member}.lua");
                            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file()
                        }
                        "data" => has("Dataset", member),
                        _ if owner == "mb" || owner.starts_with("mb.") => {
                            is_function(format!("{owner}.{member}").trim_start_matches("mb."))
                        }
                        _ if owner.chars().all(|c| c.is_ascii_digit()) || owner.is_empty() => {
                            mark == '.' || has("Tensor", member)
                        }
                        _ => has("Tensor", member),
                    };
                    assert!(known, "{place}.{name}: {owner}{mark}{member}");
                }
            }
        }
    }

    #[test]
    fn what_is_told_for_a_name_of_old_exists() {
        let mut api = Api::default();
        declare_all(&mut api);
        let methods = api.classes.iter().flat_map(|class| &class.entries);
        let renamed: Vec<_> = api.functions.iter().chain(methods).filter_map(|entry| entry.renamed).collect();
        assert!(renamed.len() > 2);
        for instead in renamed {
            let [(owner, _, name)] = mentioned(instead)[..] else { panic!("{instead} is no call") };
            let tensor = api.classes.iter().find(|class| class.name == "Tensor").unwrap();
            let entries = if owner == "mb" { &api.functions } else { &tensor.entries };
            assert!(entries.iter().any(|entry| entry.name == name && entry.renamed.is_none()), "{instead}");
        }
    }

    #[test]
    fn a_name_of_pytorch_is_answered_with_what_is_written_here() {
        let known = ["add".to_owned(), "reshape".to_owned()];
        let told = |name: &str| unknown("Tensor", "name", name.into(), &known).to_string();
        assert_eq!(told("numpy"), "Tensor: unknown name 'numpy'; write t:to_table(), or mb.io.save_npy(t, file)");
        assert_eq!(told("add_"), "Tensor: unknown name 'add_'; only t[i] = v changes a tensor: write t = t:add(…)");
        assert_eq!(told("reshpae"), "Tensor: unknown name 'reshpae'; did you mean 'reshape'?");
    }
}
