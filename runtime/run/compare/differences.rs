//! How the runs were made, as far as they were not made alike.

use std::fmt::Write;

use serde_json::Value;

use super::{
    Comparison,
    run::Run,
    table::{NOTHING, Table},
};
use crate::run::{RunStatus, path_text::shown};

impl Comparison {
    /// How far each run has come, in what they differ, and that all else is equal.
    pub(super) fn differences(&self) -> String {
        let mut table = self.table();
        table.row("status", self.runs.iter().map(|run| status(&run.record.status).to_owned()));
        table.row("last step", self.runs.iter().map(|run| run.last_step.to_string()));
        if self.runs.iter().any(|run| run.forked_from.is_some()) {
            let from = |run: &Run| run.forked_from.clone().unwrap_or_else(|| NOTHING.into());
            table.row("forked from", self.runs.iter().map(from));
        }
        let mut out = table.text();

        let (mut table, mut equal) = (self.table(), Vec::new());
        for (name, values) in self.properties() {
            match values.split_first() {
                Some((first, others)) if others.iter().all(|other| other == first) => equal.push((name, first.clone())),
                _ => table.row(&name, values.into_iter().map(|value| value.unwrap_or_else(|| NOTHING.into()))),
            }
        }
        if table.has_rows() {
            let _ = write!(out, "\nwhat differs:\n{}", table.text());
        } else {
            out += "\nno difference in script, seed, device, options or versions\n";
        }
        let _ = writeln!(out, "\nequal: {}", in_short(&equal));
        out
    }

    pub(super) fn table(&self) -> Table {
        Table::new(self.runs.iter().map(|run| run.label.as_str()))
    }

    /// Everything that may differ, with the value of each run.
    fn properties(&self) -> Vec<(String, Vec<Option<String>>)> {
        let of_each = |value: &dyn Fn(&Run) -> Option<String>| self.runs.iter().map(value).collect::<Vec<_>>();
        let mut found = vec![
            ("script".to_owned(), of_each(&|run| Some(shown(&run.record.description.script)))),
            ("seed".to_owned(), of_each(&|run| Some(run.record.description.seed.to_string()))),
            ("device".to_owned(), of_each(&|run| Some(run.record.description.device.clone()))),
        ];
        for name in distinct(self.runs.iter().flat_map(|run| run.record.description.options.keys())) {
            let value = of_each(&|run| run.record.description.options.get(name).map(plain));
            found.push((format!("option {name}"), value));
        }
        for name in distinct(self.runs.iter().flat_map(|run| run.record.description.versions.keys())) {
            let value = of_each(&|run| run.record.description.versions.get(name).cloned());
            found.push((format!("version of {name}"), value));
        }
        for name in distinct(self.runs.iter().flat_map(|run| run.script.keys())) {
            // The texts are numbered, so that it is seen which runs share one.
            let texts = distinct(self.runs.iter().filter_map(|run| run.script.get(name)));
            let number = |run: &Run| texts.iter().position(|text| run.script.get(name) == Some(text));
            let value = of_each(&|run| number(run).map(|number| format!("text {}", number + 1)));
            // A file that only some scripts have says no more than that their scripts differ.
            if texts.len() > 1 || !value.contains(&None) {
                found.push((format!("file {name}"), value));
            }
        }
        found
    }
}

/// `script simclr.lua, seed 0, device cpu, 3 options, the versions, 2 files of the script`, as far as there are any.
fn in_short(equal: &[(String, Option<String>)]) -> String {
    let single =
        |name: &str| equal.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone().unwrap_or_default());
    let mut parts: Vec<String> =
        ["script", "seed", "device"].iter().filter_map(|name| Some(format!("{name} {}", single(name)?))).collect();
    for (prefix, one, several) in [
        ("option ", "option", "options"),
        ("version of ", "version", "versions"),
        ("file ", "file of the script", "files of the script"),
    ] {
        match equal.iter().filter(|(name, _)| name.starts_with(prefix)).count() {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            count => parts.push(format!("{count} {several}")),
        }
    }
    if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
}

fn status(status: &RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Finished => "finished",
        RunStatus::Interrupted => "interrupted",
        RunStatus::Failed { .. } => "failed",
    }
}

pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Each once, in the order in which they first come.
pub(super) fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in all {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{comparison, write_run};
    use super::*;
    use serde_json::json;
    use std::fs;

    #[test]
    fn what_differs_stands_beside_each_other_and_all_else_is_said_to_be_equal() {
        let runs = [
            (json!({}), &[3.0, 2.0][..]),
            (
                json!({ "seed": 1, "status": "running", "options": { "batch": 64, "temperature": 0.5, "mix": true } }),
                &[3.0],
            ),
        ];
        let want = "             a         b
  status     finished  running
  last step  2         1

what differs:
                      a    b
  seed                0    1
  option temperature  0.2  0.5
  option mix          –    true

equal: script scripts/simclr.lua, device cpu, 1 option, 1 version
";
        assert_eq!(comparison(&runs).differences(), want);
    }

    #[test]
    fn runs_that_were_made_alike_differ_in_nothing() {
        let text = comparison(&[(json!({}), &[3.0]), (json!({ "command": ["other"] }), &[3.0])]).differences();
        assert!(
            text.contains("\nno difference in script, seed, device, options or versions\n\nequal: script "),
            "{text}"
        );
        assert!(text.contains("seed 0, device cpu, 2 options, 1 version\n"), "{text}");
    }

    #[test]
    fn a_fork_says_where_it_comes_from() {
        let fork = json!({ "forked_from": { "run": "runs/a", "step": 200 } });
        let text = comparison(&[(json!({}), &[3.0]), (fork, &[3.0])]).differences();
        assert!(text.contains("  forked from  –         runs/a at step 200\n"), "{text}");
    }

    #[test]
    fn a_script_that_was_changed_between_the_runs_is_a_difference() {
        let parent = tempfile::tempdir().unwrap();
        let folders = ["a", "b", "c"].map(|name| write_run(&parent.path().join(name), json!({}), &[1.0]));
        for (folder, text) in folders.iter().zip(["return 1", "return 2", "return 1"]) {
            fs::create_dir_all(folder.join("script/lib")).unwrap();
            fs::write(folder.join("script/simclr.lua"), "").unwrap();
            fs::write(folder.join("script/lib/parts.lua"), text).unwrap();
        }
        fs::write(folders[0].join("script/only_here.lua"), "").unwrap();
        let text = Comparison::read(&folders).unwrap().differences();
        assert!(text.contains("  file lib/parts.lua  text 1  text 2  text 1\n"), "{text}");
        assert!(text.contains(", 1 file of the script\n") && !text.contains("only_here"), "{text}");
    }
}
