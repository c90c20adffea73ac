//! What happened to a run after it began, by its journal: options that were set, files that were edited, and where it
//! was taken back. Whoever compares runs reads this besides the record, which only knows the beginning.

use std::{collections::BTreeMap, fmt, path::Path};

use super::{Copied, Entry, Event, Mark, MarkKind};

/// The changes that took effect, by step. If a run was taken up again and went on differently, its last course counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The accepted edits and orders.
    pub edits: Vec<Edit>,
    /// The times that it was taken back.
    pub rewinds: Vec<Rewind>,
    /// Checksums by name of the files of the first version, those that it loaded later included.
    pub loaded_first: BTreeMap<String, String>,
}

/// A version of the script that took over while the run trained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The first step that it made.
    pub step: u64,
    /// Options whose values it set anew.
    pub options: Vec<(String, String)>,
    /// Checksums by name of all files that it consists of.
    pub files: BTreeMap<String, String>,
}

/// Options and what they were set to, as text.
type Options = Vec<(String, String)>;

/// Checksums by the names of files.
type Checksums = BTreeMap<String, String>;

/// A return to an older state.
#[derive(Debug, Clone, PartialEq)]
pub struct Rewind {
    /// The steps that had been done.
    pub from: u64,
    /// The step of the state.
    pub to: u64,
    /// What learning rates were multiplied by from then on.
    pub lr_scale: f64,
}

impl History {
    /// The history that a journal tells.
    pub fn of(entries: &[Entry]) -> Self {
        let step_of_edit = |mark: Mark| match mark.kind {
            MarkKind::Edit(number) => Some((number, mark.step)),
            MarkKind::Rewind(_) => None,
        };
        let steps: BTreeMap<u64, u64> = Mark::read(entries).into_iter().filter_map(step_of_edit).collect();
        let mut versions: BTreeMap<u64, (&Options, Checksums)> = BTreeMap::new();
        let mut rewinds: Vec<(u64, Rewind)> = Vec::new();
        for entry in entries {
            match &entry.event {
                Event::Version { version, set, files, .. } => {
                    versions.retain(|known, _| known < version);
                    versions.insert(*version, (set, checksums(files)));
                }
                Event::Loaded { version, files } => {
                    if let Some((_, known)) = versions.get_mut(version) {
                        known.extend(checksums(files));
                    }
                }
                Event::Rewind { to, lr_scale, .. } => {
                    rewinds.retain(|(time, _)| *time < entry.rewinds);
                    rewinds.push((entry.rewinds, Rewind { from: entry.step, to: *to, lr_scale: *lr_scale }));
                }
                Event::Resume | Event::Gap { .. } | Event::Evaluation { .. } => {}
            }
        }
        let edits = versions.iter().zip(versions.iter().skip(1)).filter_map(|((_, before), (number, now))| {
            let is_new =
                |(name, value): &&(String, String)| !before.0.iter().any(|(other, old)| other == name && old == value);
            let options = now.0.iter().filter(is_new).cloned().collect();
            Some(Edit { step: *steps.get(number)?, options, files: now.1.clone() })
        });
        let edits = edits.collect();
        let loaded_first = versions.remove(&0).map_or_else(BTreeMap::new, |(_, files)| files);
        Self { edits, rewinds: rewinds.into_iter().map(|(_, rewind)| rewind).collect(), loaded_first }
    }

    /// What took effect from which step on: `lr 1 from step 37; train.lua from step 51; back from step 60 to 55,
    /// learning rates × 0.5`. Nothing for a run that was trained as it began.
    pub fn in_words(&self) -> String {
        let (mut parts, mut before) = (Vec::new(), &self.loaded_first);
        for Edit { step, options, files } in &self.edits {
            let options = options.iter().map(|(name, value)| format!("{name} {value}"));
            let is_new = |(name, text): &(&String, &String)| before.get(*name) != Some(text);
            let changes: Vec<String> =
                options.chain(files.iter().filter(is_new).map(|(name, _)| name.clone())).collect();
            let what = if changes.is_empty() { "an edit".to_owned() } else { changes.join(", ") };
            parts.push(format!("{what} from step {step}"));
            before = files;
        }
        parts.extend(self.rewinds.iter().map(|Rewind { from, to, lr_scale }| {
            format!("back from step {from} to {to}, learning rates × {lr_scale}")
        }));
        parts.join("; ")
    }

    /// Whether the run was trained to its end as it began.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.rewinds.is_empty()
    }
}

/// `2 edits, taken back once`; nothing for a run that was trained as it began.
impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let edits = match self.edits.len() {
            0 => String::new(),
            1 => "1 edit".to_owned(),
            count => format!("{count} edits"),
        };
        let rewinds = match self.rewinds.len() {
            0 => String::new(),
            1 => "taken back once".to_owned(),
            count => format!("taken back {count} times"),
        };
        let parts: Vec<String> = [edits, rewinds].into_iter().filter(|part| !part.is_empty()).collect();
        formatter.write_str(&parts.join(", "))
    }
}

fn checksums(files: &[Copied]) -> BTreeMap<String, String> {
    files.iter().map(|file| (name(&file.copy), file.sha256.clone())).collect()
}

/// `lib/parts.lua` of the copies `script/lib/parts.lua`, `edits/1/lib/parts.lua` and `later/0/lib/parts.lua`; with `/`
/// on every system.
fn name(copy: &Path) -> String {
    let folders = if copy.starts_with("script") { 1 } else { 2 };
    let parts = copy.components().skip(folders).map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(step: u64, rewinds: u64, event: Event) -> Entry {
        Entry { step, rewinds, time: String::new(), event }
    }

    fn version(step: u64, rewinds: u64, version: u64, set: &[(&str, &str)], text: &str) -> Entry {
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let copy = if version == 0 { "script/lib/a.lua".to_owned() } else { format!("edits/{version}/lib/a.lua") };
        let files = vec![Copied { path: "x/lib/a.lua".into(), sha256: text.into(), copy: copy.into() }];
        entry(step, rewinds, Event::Version { version, set, files, diff: String::new(), report: Vec::new() })
    }

    #[test]
    fn an_edit_has_the_options_that_it_set_and_the_files_that_it_is_made_of() {
        let entries = [
            version(0, 0, 0, &[("batch", "8")], "one"),
            version(50, 0, 1, &[("batch", "8"), ("lr", "1")], "one"),
            entry(60, 0, Event::Resume),
            version(70, 0, 2, &[("batch", "8"), ("lr", "1")], "two"),
        ];
        let history = History::of(&entries);
        let found: Vec<_> = history.edits.iter().map(|edit| (edit.step, edit.options.len())).collect();
        assert_eq!((found, history.to_string()), (vec![(51, 1), (71, 0)], "2 edits".to_owned()));
        assert_eq!(history.edits[0].options, [("lr".to_owned(), "1".to_owned())]);
        assert_eq!(history.edits[1].files["lib/a.lua"], "two");
        assert_eq!(history.in_words(), "lr 1 from step 51; lib/a.lua from step 71");
    }

    #[test]
    fn what_a_resumed_run_did_not_do_again_did_not_happen() {
        let back = |step, rewinds, to| entry(step, rewinds, Event::Rewind { to, lr_scale: 0.5, reason: String::new() });
        let entries = [
            version(0, 0, 0, &[], ""),
            version(50, 0, 1, &[("lr", "1")], ""),
            version(60, 0, 2, &[("lr", "2")], ""),
            back(80, 0, 70),
            version(55, 0, 2, &[("lr", "3")], ""),
            back(90, 0, 40),
        ];
        let history = History::of(&entries);
        assert_eq!(history.edits.iter().map(|edit| edit.step).collect::<Vec<_>>(), [41, 41]);
        assert_eq!(history.edits[1].options, [("lr".to_owned(), "3".to_owned())]);
        assert_eq!(history.rewinds, [Rewind { from: 90, to: 40, lr_scale: 0.5 }]);
        assert_eq!(history.to_string(), "2 edits, taken back once");
        let want = "lr 1 from step 41; lr 3 from step 41; back from step 90 to 40, learning rates × 0.5";
        assert_eq!(history.in_words(), want);
    }

    #[test]
    fn pauses_evaluations_and_resumptions_change_nothing() {
        let evaluation = Event::Evaluation { results: serde_json::Map::new() };
        let history = History::of(&[version(0, 0, 0, &[], ""), entry(3, 0, Event::Resume), entry(4, 0, evaluation)]);
        assert!(history.is_empty() && history.to_string().is_empty());
    }
}
