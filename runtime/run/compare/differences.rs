//! How the runs were made, as far as they were not made alike.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use super::{Comparison, indented, named_row, run::Run};
use crate::{
    position::number,
    run::table::NOTHING,
    run::{RunStatus, path_text::shown},
};

impl Comparison {
    /// How far each run has come, in what they differ, and that all else is equal.
    pub(super) fn differences(&self, columns: Option<usize>) -> String {
        let mut table = self.table();
        table.row(named_row("status", self.runs.iter().map(|run| status(&run.record.status).to_owned())));
        table.row(named_row("last step", self.runs.iter().map(|run| run.last_step.to_string())));
        let mut out = indented(&table, columns);

        let (mut table, mut equal) = (self.table(), Vec::new());
        for (name, values) in self.properties() {
            match values.split_first() {
                Some((first, others)) if others.iter().all(|other| other == first) => equal.push((name, first.clone())),
                _ => {
                    table.row(named_row(&name, values.into_iter().map(|value| value.unwrap_or_else(|| NOTHING.into()))))
                }
            }
        }
        if table.has_rows() {
            let _ = write!(out, "\nwhat differs:\n{}", indented(&table, columns));
        } else {
            out += "\nno difference in script, seed, device, options or versions, nor in edits and orders\n";
        }
        let _ = writeln!(out, "\nequal: {}", in_short(&equal));
        out
    }

    /// Everything that may differ, with the value of each run.
    fn properties(&self) -> Vec<(String, Vec<Option<String>>)> {
        let of_each = |value: &dyn Fn(&Run) -> Option<String>| self.runs.iter().map(value).collect::<Vec<_>>();
        let mut found = vec![
            ("script".to_owned(), of_each(&|run| Some(shown(&run.record.description.script)))),
            ("seed".to_owned(), of_each(&|run| Some(run.record.description.seed.to_string()))),
            ("device".to_owned(), of_each(&|run| Some(run.record.description.device.clone()))),
        ];
        if self.runs.iter().any(|run| run.forked_from.is_some()) {
            found.push(("forked from".to_owned(), of_each(&|run| run.forked_from.clone())));
        }
        if self.runs.iter().any(|run| !run.history.rewinds.is_empty()) {
            found.push(("taken back".to_owned(), of_each(&taken_back)));
        }
        let set_later = self.runs.iter().flat_map(|run| &run.history.edits).flat_map(|edit| &edit.options);
        let names = self.runs.iter().flat_map(|run| run.record.description.options.keys());
        for name in distinct(names.chain(set_later.map(|(name, _)| name))) {
            found.push((format!("option {name}"), of_each(&|run| option(run, name))));
        }
        for name in distinct(self.runs.iter().flat_map(|run| run.record.description.versions.keys())) {
            let value = of_each(&|run| run.record.description.versions.get(name).cloned());
            found.push((format!("version of {name}"), value));
        }
        found.extend(self.files());
        found
    }

    /// The files of the scripts. Their texts are numbered, so that it is seen which runs share one.
    fn files(&self) -> Vec<(String, Vec<Option<String>>)> {
        let courses: Vec<BTreeMap<&str, Course>> = self.runs.iter().map(file_courses).collect();
        let mut found = Vec::new();
        for name in distinct(courses.iter().flat_map(BTreeMap::keys).copied()) {
            let of_file: Vec<Option<&Course>> = courses.iter().map(|courses| courses.get(name)).collect();
            let texts =
                distinct(of_file.iter().flatten().flat_map(|course| course.iter().filter_map(|(_, text)| *text)));
            let number = |text: &str| number(texts.iter().position(|other| *other == text).unwrap_or_default());
            let word = |text: Option<&str>| text.map_or_else(|| "none".into(), |text| format!("text {}", number(text)));
            let value =
                |course: &Option<&Course>| Some(told(course.as_ref()?.iter().map(|(step, text)| (*step, word(*text)))));
            // A file that only some scripts have says no more than that their scripts differ.
            if texts.len() > 1 || of_file.iter().all(Option::is_some) {
                found.push((format!("file {name}"), of_file.iter().map(value).collect()));
            }
        }
        found
    }
}

/// A file's checksums, each with the step from which on it held, the first being 0. None stands for a file that is no
/// longer read.
type Course<'a> = Vec<(u64, Option<&'a str>)>;

fn file_courses(run: &Run) -> BTreeMap<&str, Course<'_>> {
    let mut courses: BTreeMap<&str, Course> =
        run.script.iter().map(|(name, text)| (name.as_str(), vec![(0, Some(text.as_str()))])).collect();
    for edit in &run.history.edits {
        for name in edit.files.keys() {
            courses.entry(name).or_insert_with(|| vec![(0, None)]);
        }
        for (name, course) in &mut courses {
            let text = edit.files.get(*name).map(String::as_str);
            if course.last().is_some_and(|(_, last)| *last != text) {
                course.push((edit.step, text));
            }
        }
    }
    courses
}

/// An option's value, and those that it was set to later: `0.1, 1 from step 51`. None where no value is known.
fn option(run: &Run, name: &str) -> Option<String> {
    let first = run.record.description.options.get(name).map(plain);
    let mut course: Vec<(u64, String)> = first.into_iter().map(|value| (0, value)).collect();
    for edit in &run.history.edits {
        let set = edit.options.iter().find(|(option, _)| option == name);
        if let Some((_, value)) = set.filter(|(_, value)| course.last().is_none_or(|(_, last)| !is_same(last, value))) {
            course.push((edit.step, value.clone()));
        }
    }
    (!course.is_empty()).then(|| told(course))
}

/// `0.10` on a command line is the number `0.1`.
fn is_same(old: &str, new: &str) -> bool {
    old == new || matches!((old.parse::<f64>(), new.parse::<f64>()), (Ok(old), Ok(new)) if old == new)
}

fn told(course: impl IntoIterator<Item = (u64, String)>) -> String {
    let part = |(step, value)| if step == 0 { value } else { format!("{value} from step {step}") };
    course.into_iter().map(part).collect::<Vec<_>>().join(", ")
}

/// `from 60 to 40, learning rates × 0.5` for each time that a run was taken back; none for a run that never was.
fn taken_back(run: &Run) -> Option<String> {
    let rewinds = run.history.rewinds.iter();
    let words =
        rewinds.map(|back| format!("from step {} to {}, learning rates × {}", back.from, back.to, back.lr_scale));
    let words = words.collect::<Vec<_>>().join("; ");
    (!words.is_empty()).then_some(words)
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
        assert_eq!(comparison(&runs).differences(None), want);
    }

    #[test]
    fn runs_that_were_made_alike_differ_in_nothing() {
        let text = comparison(&[(json!({}), &[3.0]), (json!({ "command": ["other"] }), &[3.0])]).differences(None);
        assert!(
            text.contains(
                "\nno difference in script, seed, device, options or versions, nor in edits and orders\n\nequal: \
                 script "
            ),
            "{text}"
        );
        assert!(text.contains("seed 0, device cpu, 2 options, 1 version\n"), "{text}");
    }

    #[test]
    fn a_fork_says_where_it_comes_from() {
        let fork = json!({ "forked_from": { "run": "runs/a", "step": 200 } });
        let text = comparison(&[(json!({}), &[3.0]), (fork, &[3.0])]).differences(None);
        assert!(text.contains("  forked from  –  runs/a at step 200\n"), "{text}");
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
        let text = Comparison::read(&folders).unwrap().differences(None);
        assert!(text.contains("  file lib/parts.lua  text 1  text 2  text 1\n"), "{text}");
        assert!(text.contains(", 1 file of the script\n") && !text.contains("only_here"), "{text}");
    }

    #[test]
    fn what_a_run_took_while_it_trained_is_a_difference() {
        let parent = tempfile::tempdir().unwrap();
        let folders = ["a", "b"].map(|name| write_run(&parent.path().join(name), json!({}), &[1.0]));
        let file = |folder: &str, text: &str| json!([{ "path": "simclr.lua", "copy": format!("{folder}/simclr.lua"), "sha256": text }]);
        let lines = [
            json!({ "step": 0, "rewinds": 0, "time": "", "event": "version", "version": 0, "set": [], "files": file("script", "1") }),
            json!({ "step": 50, "rewinds": 0, "time": "", "event": "version", "version": 1,
                "set": [["temperature", "2"]], "files": file("edits/1", "1") }),
            json!({ "step": 60, "rewinds": 0, "time": "", "event": "rewind", "to": 55, "lr_scale": 0.5, "reason": "" }),
            json!({ "step": 70, "rewinds": 1, "time": "", "event": "version", "version": 2,
                "set": [["temperature", "2.0"], ["batch", "64"]], "files": file("edits/2", "2") }),
        ];
        for (folder, count) in folders.iter().zip([1, 4]) {
            let text: String = lines[..count].iter().map(|line| format!("{line}\n")).collect();
            fs::write(folder.join("journal.jsonl"), text).unwrap();
        }
        let text = Comparison::read(&folders).unwrap().differences(None);
        let want = "
what differs:
                      a       b
  taken back          –       from step 60 to 55, learning rates × 0.5
  option temperature  0.2     0.2, 2 from step 51
  file simclr.lua     text 1  text 1, text 2 from step 71

equal: script scripts/simclr.lua, seed 0, device cpu, 1 option, 1 version
";
        assert!(text.ends_with(want), "{text}");
    }
}
