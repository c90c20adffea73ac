//! The lines of `metrics.jsonl`, and what a whole file of them says. It writes no file.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Result, files::regular};

/// The metrics that a file holds, every point of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logged {
    series: BTreeMap<String, Vec<(u64, f64)>>,
    last_step: Option<u64>,
    seconds: f64,
}

impl Logged {
    /// Reads a file, also one that is being written: a line that is not whole, or not one of metrics, is passed
    /// over. Where a step has several values of one name, the last one counts.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |source| Error::io("read", path, source);
        let (mut file, mut text) = (BufReader::new(regular::open(path).map_err(failed)?), Vec::new());
        let mut logged = Self::default();
        while file.read_until(b'\n', &mut text).map_err(failed)? > 0 {
            if let Some(line) = Line::parse(&text) {
                logged.add(line);
            }
            text.clear();
        }
        logged.series.values_mut().for_each(last_of_each_step);
        Ok(logged)
    }

    /// The steps that have values.
    pub fn steps(&self) -> BTreeSet<u64> {
        self.series.values().flatten().map(|(step, _)| *step).collect()
    }

    /// The same from what somebody has in memory: points by name, and the last step that has a value.
    pub(super) fn of(series: BTreeMap<String, Vec<(u64, f64)>>, last_step: Option<u64>) -> Self {
        Self { series, last_step, seconds: 0.0 }
    }

    fn add(&mut self, line: Line) {
        self.last_step = self.last_step.max(Some(line.step));
        self.seconds = line.seconds.unwrap_or(self.seconds);
        for (name, value) in &line.values {
            // JSON has no number that is not finite, and it does not matter which of them it was.
            let value = if value.is_null() { Some(f64::NAN) } else { value.as_f64() };
            let Some(value) = value else { continue };
            match self.series.get_mut(name) {
                Some(series) => series.push((line.step, value)),
                None => self.series.entry(name.clone()).or_default().push((line.step, value)),
            }
        }
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// The steps and values of one name by ascending step, each step once; empty for a name that is not there. A
    /// value that was not finite is NaN.
    pub fn series(&self, name: &str) -> &[(u64, f64)] {
        self.series.get(name).map_or(&[], Vec::as_slice)
    }

    /// The highest step that has a line, be it without values; none of a file without lines.
    pub fn last_step(&self) -> Option<u64> {
        self.last_step
    }

    /// The seconds of the last line.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }
}

/// A run that went back and on again may have logged a step twice.
fn last_of_each_step(series: &mut Vec<(u64, f64)>) {
    if series.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return;
    }
    // The sort is stable; of equal steps, the one that stays is the first in reverse.
    series.reverse();
    series.sort_by_key(|point| point.0);
    series.dedup_by_key(|point| point.0);
}

/// One line: `{"step":1,"seconds":0.25,"loss":6.9}`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub step: u64,
    /// Since the run began, not counting the time between an end and a resumption.
    pub seconds: Option<f64>,
    #[serde(flatten)]
    pub values: Map<String, Value>,
}

impl Line {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Logged {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        std::fs::write(&path, text).unwrap();
        Logged::read(&path).unwrap()
    }

    #[test]
    fn a_file_gives_its_series_its_last_step_and_its_seconds() {
        let logged =
            read("{\"step\":1,\"seconds\":0.5,\"loss\":6.5,\"lr\":0.1}\n{\"step\":2,\"seconds\":1.5,\"loss\":6}\n");
        assert_eq!(logged.series("loss"), [(1, 6.5), (2, 6.0)]);
        assert_eq!(logged.names().collect::<Vec<_>>(), ["loss", "lr"]);
        assert_eq!((logged.last_step(), logged.seconds(), logged.series("norm")), (Some(2), 1.5, &[][..]));
    }

    #[test]
    fn of_a_step_that_was_logged_twice_the_last_value_counts() {
        let steps = [(1, 1.0), (2, 2.0), (3, 3.0), (2, 20.0), (3, 30.0), (3, 31.0)];
        let text: String = steps.iter().map(|(step, loss)| format!("{{\"step\":{step},\"loss\":{loss}}}\n")).collect();
        assert_eq!(read(&text).series("loss"), [(1, 1.0), (2, 20.0), (3, 31.0)]);
    }

    #[test]
    fn null_is_not_a_number_and_what_is_no_line_is_passed_over() {
        let logged =
            read("{\"step\":1,\"loss\":null,\"note\":\"x\"}\n{\"st\n\u{fffd}\n{\"loss\":3}\n\n{\"step\":4,\"lo");
        assert!(matches!(logged.series("loss"), [(1, value)] if value.is_nan()));
        assert_eq!((logged.last_step(), logged.names().count()), (Some(1), 1));
    }

    #[test]
    fn a_last_line_that_only_lacks_its_end_counts() {
        assert_eq!(read("{\"step\":1,\"loss\":3}\n{\"step\":2,\"loss\":2}").series("loss"), [(1, 3.0), (2, 2.0)]);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error_that_names_it() {
        let message = Logged::read(Path::new("no such folder/metrics.jsonl")).unwrap_err().to_string();
        assert!(message.starts_with("read: no such folder/metrics.jsonl: "), "{message}");
    }
}
