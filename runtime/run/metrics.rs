//! The numbers that a training logs: appended to `metrics.jsonl`, and kept in memory to be read back.
//! It must not draw or print them.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use serde_json::{Map, Value};

use super::{json_lines::JsonLines, series::Series};
use crate::{Error, Result};

/// Logged values by name and step.
#[derive(Debug)]
pub struct Metrics {
    series: BTreeMap<String, Series>,
    lines: Option<JsonLines>,
    started: Instant,
}

impl Metrics {
    /// Metrics that are only kept in memory.
    pub fn in_memory() -> Self {
        Self { series: BTreeMap::new(), lines: None, started: Instant::now() }
    }

    /// Metrics that are also appended to a file of JSON lines, which is made where it is missing.
    pub fn to_file(path: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self { lines: Some(JsonLines::open(path.into())?), ..Self::in_memory() })
    }

    /// Logs the values of one step as a line `{"step":1,"seconds":0.25,"loss":6.9}`, the seconds being those
    /// since the metrics were made. A value that is not finite is `null` in the file. A line reaches the file
    /// within a second of further steps, at `flush`, or when the metrics are dropped. The names `step` and
    /// `seconds` are refused; when the file is, the values are in memory all the same.
    pub fn log(&mut self, step: u64, values: &[(&str, f64)]) -> Result<()> {
        if let Some((name, _)) = values.iter().find(|(name, _)| matches!(*name, "step" | "seconds")) {
            return Err(Error::argument("log", "a name", "other than 'step' and 'seconds'", format!("'{name}'")));
        }
        for &(name, value) in values {
            match self.series.get_mut(name) {
                Some(series) => series.push(step, value),
                None => self.series.entry(name.to_string()).or_default().push(step, value),
            }
        }
        let Some(lines) = &mut self.lines else { return Ok(()) };
        let milliseconds = self.started.elapsed().as_secs_f64() * 1e3;
        let mut line = Map::from_iter([("step".to_string(), step.into())]);
        line.insert("seconds".to_string(), Value::from(milliseconds.round() / 1e3));
        line.extend(values.iter().map(|&(name, value)| (name.to_string(), Value::from(value))));
        lines.push(&line)
    }

    /// Every name logged so far, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// The steps and values of one name, oldest first; empty for a name that was never logged. Exact up to
    /// 131,072 points, evenly thinned beyond. Values that are not finite are as they were logged.
    pub fn series(&self, name: &str) -> &[(u64, f64)] {
        self.series.get(name).map_or(&[], Series::points)
    }

    /// The latest value of one name.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.series.get(name).map(Series::last)
    }

    /// Writes the lines that are still buffered.
    pub fn flush(&mut self) -> Result<()> {
        self.lines.as_mut().map_or(Ok(()), JsonLines::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, time::Duration};

    fn lines(path: &std::path::Path) -> Vec<Value> {
        fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn logged_values_are_in_the_file_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut metrics = Metrics::to_file(&path).unwrap();
        metrics.log(1, &[("loss", 6.5), ("lr", 0.1)]).unwrap();
        metrics.log(2, &[("loss", 6.25)]).unwrap();
        metrics.flush().unwrap();
        let lines = lines(&path);
        assert_eq!(
            (lines.len(), &lines[0]["step"], &lines[0]["lr"], &lines[1]["loss"]),
            (2, &1.into(), &0.1.into(), &6.25.into())
        );
        assert!(fs::read_to_string(&path).unwrap().starts_with(r#"{"step":1,"seconds":0."#));
        assert_eq!(metrics.series("loss"), [(1, 6.5), (2, 6.25)]);
        assert_eq!(metrics.last("lr"), Some(0.1));
        assert_eq!(metrics.names().collect::<Vec<_>>(), ["loss", "lr"]);
    }

    #[test]
    fn a_value_that_is_not_finite_is_null_in_the_file_and_itself_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut metrics = Metrics::to_file(&path).unwrap();
        metrics.log(1, &[("loss", f64::NAN), ("norm", f64::INFINITY)]).unwrap();
        drop(metrics);
        let lines = lines(&path);
        assert_eq!((&lines[0]["loss"], &lines[0]["norm"]), (&Value::Null, &Value::Null));
        let mut metrics = Metrics::in_memory();
        metrics.log(1, &[("loss", f64::NAN)]).unwrap();
        assert!(metrics.last("loss").is_some_and(f64::is_nan));
    }

    #[test]
    fn a_name_that_was_never_logged_is_empty() {
        let metrics = Metrics::in_memory();
        assert_eq!((metrics.series("loss"), metrics.last("loss"), metrics.names().count()), (&[][..], None, 0));
    }

    #[test]
    fn the_names_of_the_file_itself_are_refused() {
        let message = Metrics::in_memory().log(1, &[("step", 1.0)]).unwrap_err().to_string();
        assert_eq!(message, "log: a name must be other than 'step' and 'seconds', got 'step'");
    }

    #[test]
    fn ten_thousand_steps_take_no_time_to_speak_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let started = Instant::now();
        let mut metrics = Metrics::to_file(&path).unwrap();
        for step in 1..=10_000 {
            metrics.log(step, &[("loss", 1.0 / step as f64), ("lr", 0.1)]).unwrap();
        }
        drop(metrics);
        assert_eq!(lines(&path).len(), 10_000);
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
