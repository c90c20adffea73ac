//! The tables that people read: mean ± standard deviation over the seeds, and by what it was measured.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use super::{Study, title};
use crate::{
    run::table::{NOTHING, Table},
    run::{RunRecord, protocol::measured_by},
};

/// Beside the name of a script of which a run was changed while it trained.
const CHANGED: &str = "†";

impl Study {
    /// A Markdown table with a row per script and a column per result that is a number: mean ± standard deviation
    /// (unbiased) over the seeds. Below it, what it was measured by.
    pub fn markdown(&self) -> String {
        let row = |cells: Vec<String>| {
            format!("| {} |\n", cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | "))
        };
        let titles = self.titles();
        let rule = format!("|{}\n", "---|".repeat(titles.len()));
        let rows = self.rows().into_iter().map(row).collect::<String>();
        format!("{}{rule}{rows}\n{}", row(titles), self.protocol())
    }

    /// The same for a terminal of so many columns; without a number, as wide as it is.
    pub fn table(&self, columns: Option<usize>) -> String {
        let mut table = Table::new(self.titles());
        self.rows().into_iter().for_each(|row| table.row(row));
        format!("{}\n{}", table.text(columns), self.protocol())
    }

    fn titles(&self) -> Vec<String> {
        let results = self.names().into_iter().cloned();
        ["script".into(), "seeds".into()].into_iter().chain(results).chain(["training".into()]).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |(script, runs): (&str, Vec<&RunRecord>)| {
            let is_changed = |run: &RunRecord| run.description.script == script;
            let mark = if self.changed().any(|(run, _)| is_changed(run)) { CHANGED } else { "" };
            let mut row = vec![format!("{}{mark}", title(script)), runs.len().to_string()];
            for name in self.names() {
                let after = spread(runs.iter().filter_map(|run| run.results.get(name)?.as_f64()));
                let before = spread(runs.iter().filter_map(|run| run.results.get("untrained")?.get(name)?.as_f64()));
                let before = before.map_or(String::new(), |before| format!(" (untrained {before})"));
                row.push(format!("{}{before}", after.unwrap_or_else(|| NOTHING.into())));
            }
            let seconds = runs.iter().filter_map(|run| run.results.get("timing")?.get("training_seconds")?.as_f64());
            row.push(format!("{} s", spread(seconds).unwrap_or_else(|| NOTHING.into())));
            row
        };
        self.by_script().into_iter().map(row).collect()
    }

    /// Runs that were edited, given orders that changed them, or taken back, and by what.
    fn changed(&self) -> impl Iterator<Item = (&RunRecord, String)> {
        let changed = self.runs.iter().filter(|(_, history)| !history.is_empty());
        changed.map(|(run, history)| (run, history.in_words()))
    }

    /// What every number was measured by: protocol, device, seeds, versions, options. Where scripts differ, each is
    /// named.
    fn protocol(&self) -> String {
        let mut out = String::new();
        let mut line = |what: &str, of: &dyn Fn(&RunRecord) -> String| {
            let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for run in self.records() {
                let scripts = found.entry(of(run)).or_default();
                if !scripts.contains(&title(&run.description.script)) {
                    scripts.push(title(&run.description.script));
                }
            }
            for (text, scripts) in found.iter().filter(|(text, _)| !text.is_empty()) {
                let scripts = if found.len() == 1 { String::new() } else { format!(" of {}", scripts.join(", ")) };
                let _ = writeln!(out, "- {what}{scripts}: {text}.");
            }
        };
        line("Protocol", &|run| measured_by(run).unwrap_or_default());
        line("Device", &|run| run.description.device.clone());
        line("Versions", &|run| {
            run.description
                .versions
                .iter()
                .map(|(name, version)| format!("{name} {version}"))
                .collect::<Vec<_>>()
                .join(", ")
        });
        let shared = self.shared_options();
        let options = |run: &RunRecord, wanted: &dyn Fn(&str) -> bool| {
            let own = run.description.options.iter().filter(|(name, _)| wanted(name));
            own.map(|(name, value)| format!("{name} {}", plain(name, value))).collect::<Vec<_>>().join(", ")
        };
        line("Options of all", &|run| options(run, &|name| shared.contains(&name)));
        line("Options", &|run| options(run, &|name| !shared.contains(&name)));
        let mut seeds: Vec<u64> = self.records().map(|run| run.description.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
        let _ = writeln!(out, "- Seeds: {}. ± is the standard deviation over them.", seeds.join(", "));
        let name = |(run, history): (&RunRecord, String)| {
            format!("{} with seed {} ({history})", title(&run.description.script), run.description.seed)
        };
        let changed: Vec<String> = self.changed().map(name).collect();
        if !changed.is_empty() {
            let _ = writeln!(out, "- {CHANGED} Changed while they trained: {}.", changed.join(", "));
        }
        out
    }

    /// Options that all runs have with one value.
    fn shared_options(&self) -> Vec<&str> {
        let Some(first) = self.records().next() else { return Vec::new() };
        let same =
            |name: &str, value: &Value| self.records().all(|run| run.description.options.get(name) == Some(value));
        first
            .description
            .options
            .iter()
            .filter(|(name, value)| same(name, value))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// An option's value; of a path only the last part, which is what the data is called.
fn plain(name: &str, value: &Value) -> String {
    match value.as_str() {
        Some(text) if name == "images" => title(text),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

/// A cell of Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// Mean and unbiased standard deviation, of several values.
fn spread(values: impl Iterator<Item = f64>) -> Option<String> {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    match values.len() {
        0 => None,
        1 => Some(format!("{mean:.1}")),
        _ => {
            let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
            Some(format!("{mean:.1} ± {:.1}", square.sqrt()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use crate::run::{Entry, Event, History};

    #[test]
    fn a_table_has_mean_and_deviation_and_says_how_it_was_measured() {
        let mut study = Study::default();
        for (seed, accuracy) in [(0, 50.0), (1, 52.0), (2, 54.0)] {
            study.add(run("scripts/simclr.lua", seed, accuracy, 0.2), History::default());
        }
        study.add(run("scripts/byol.lua", 0, 40.0, 0.1), History::default());
        let want = "\
| script | seeds | accuracy | training |
|---|---|---|---|
| simclr | 3 | 52.0 ± 2.0 (untrained 10.0 ± 0.0) | 60.0 ± 0.0 s |
| byol | 1 | 40.0 (untrained 10.0) | 60.0 s |

- Protocol: kNN.
- Device: cpu.
- Options of all: epochs 2.
- Options of byol: temperature 0.1.
- Options of simclr: temperature 0.2.
- Seeds: 0, 1, 2. ± is the standard deviation over them.
";
        assert_eq!(study.markdown(), want);
    }

    #[test]
    fn a_table_for_a_terminal_has_the_same_cells_and_is_no_wider_than_it() {
        let mut study = Study::default();
        study.add(run("scripts/simclr.lua", 0, 50.0, 0.2), History::default());
        let (markdown, text) = (study.markdown(), study.table(Some(40)));
        let table = text.split("\n\n- ").next().unwrap();
        assert!(table.lines().all(|line| line.chars().count() <= 40) && !table.contains('|'), "{text}");
        assert!(
            ["simclr", "50.0", "60.0"].iter().all(|cell| table.contains(cell) && markdown.contains(cell)),
            "{text}"
        );
    }

    #[test]
    fn a_run_that_was_changed_while_it_trained_is_marked() {
        let rewind = Event::Rewind { to: 5, lr_scale: 0.5, reason: String::new() };
        let history = History::of(&[Entry { step: 9, rewinds: 0, time: String::new(), event: rewind }]);
        let mut study = Study::default();
        study.add(run("scripts/simclr.lua", 0, 50.0, 0.2), History::default());
        study.add(run("scripts/simclr.lua", 1, 50.0, 0.2), history);
        study.add(run("scripts/a|b.lua", 1, 50.0, 0.2), History::default());
        let table = study.markdown();
        assert!(table.contains("| simclr† | 2 |") && table.contains("| a\\|b | 1 |"), "{table}");
        assert!(table.ends_with("simclr with seed 1 (back from step 9 to 5, learning rates × 0.5).\n"), "{table}");
    }
}
