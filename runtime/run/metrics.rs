//! The numbers that a training logs: appended to `metrics.jsonl`, and kept in memory to be read back.
//! It must not plot or print them.

use std::{collections::BTreeMap, fs::File, path::PathBuf, time::Instant};

use serde_json::Value;

use super::{
    json_lines::JsonLines,
    logged::{Line, Logged},
    series::Series,
    write_atomically,
};
use crate::{Error, Result};

/// Logged values by name and step.
#[derive(Debug)]
pub struct Metrics {
    series: BTreeMap<String, Series>,
    lines: Option<JsonLines>,
    /// Whether memory has every value, too.
    keeps_all: bool,
    /// The last step that has a line, or will have one.
    last_step: Option<u64>,
    /// What the run had taken before these metrics were made.
    seconds_before: f64,
    started: Instant,
}

impl Metrics {
    /// Metrics that are only kept in memory.
    pub fn in_memory() -> Self {
        Self {
            series: BTreeMap::new(),
            lines: None,
            keeps_all: false,
            last_step: None,
            seconds_before: 0.0,
            started: Instant::now(),
        }
    }

    /// Metrics that are also appended to a file of JSON lines, which is made where it is missing.
    pub fn to_file(path: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self { lines: Some(JsonLines::open(path.into())?), ..Self::in_memory() })
    }

    /// Metrics that go on in the file of a run that is resumed after a step: what it logged up to that step, and the
    /// seconds that it had taken by then. Lines of later steps are removed from the file, and so is a line that a crash
    /// cut short. If there are none, the file is only appended to. Of a step that was logged twice, the last value
    /// counts. A value that was not finite is NaN. A file that is missing is made.
    ///
    /// # Errors
    /// The file cannot be read or written. It is as it was.
    pub fn continue_file(path: impl Into<PathBuf>, through_step: u64) -> Result<Self> {
        let path = path.into();
        let mut lines = JsonLines::open(path.clone())?;
        lines.retain(|line| is_up_to(line, through_step))?;
        let logged = Logged::read(&path)?;
        let (last_step, seconds_before) = (logged.last_step(), logged.seconds());
        let mut metrics = Self { lines: Some(lines), last_step, seconds_before, ..Self::in_memory() };
        for name in logged.names() {
            logged.series(name).iter().for_each(|&(step, value)| metrics.push(name, step, value));
        }
        Ok(metrics)
    }

    /// Forgets everything that was logged for later steps, in memory and in the file. The seconds go on: they are
    /// the time that was spent.
    ///
    /// # Errors
    /// The file cannot be read or written. Nothing is forgotten.
    pub fn rewind(&mut self, step: u64) -> Result<()> {
        if let Some(lines) = &mut self.lines {
            lines.retain(|line| is_up_to(line, step))?;
        }
        self.last_step = self.last_step.map(|last| last.min(step));
        self.series.values_mut().for_each(|series| series.rewind(step));
        self.series.retain(|_, series| !series.is_empty());
        Ok(())
    }

    /// Logs the values of one step as a line `{"step":1,"seconds":0.25,"loss":6.9}`, the seconds being those
    /// since the metrics were made, after those of the run that they continue. A value that is not finite is `null`
    /// in the file. A line reaches the file within a second of further steps, at `flush`, or when the metrics are
    /// dropped. The names `step` and `seconds` are refused.
    ///
    /// # Errors
    /// The file refuses lines, perhaps those of earlier steps. The values are in memory all the same, and up to 1 MiB
    /// of lines is held and written, in order, as soon as the file takes them.
    pub fn log(&mut self, step: u64, values: &[(&str, f64)]) -> Result<()> {
        if let Some((name, _)) = values.iter().find(|(name, _)| matches!(*name, "step" | "seconds")) {
            return Err(Error::argument("log", "a name", "other than 'step' and 'seconds'", format!("'{name}'")));
        }
        values.iter().for_each(|&(name, value)| self.push(name, step, value));
        self.last_step = Some(step);
        let Some(lines) = &mut self.lines else { return Ok(()) };
        let milliseconds = (self.seconds_before + self.started.elapsed().as_secs_f64()) * 1e3;
        let values = values.iter().map(|&(name, value)| (name.to_string(), Value::from(value))).collect();
        lines.push(&Line { step, seconds: Some(milliseconds.round() / 1e3), values })
    }

    /// Keeps every value in memory from now on, for what compares them all and writes no file.
    pub fn keep_all(&mut self) {
        self.keeps_all = true;
    }

    fn push(&mut self, name: &str, step: u64, value: f64) {
        let new = || if self.keeps_all { Series::keeping_all() } else { Series::default() };
        match self.series.get_mut(name) {
            Some(series) => series.push(step, value),
            None => self.series.entry(name.to_string()).or_insert_with(new).push(step, value),
        }
    }

    /// Every name logged so far, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// The steps and values of one name, oldest first; empty for a name that was never logged. Exact up to
    /// 8,192 points, evenly thinned beyond; the file has every point. Values that are not finite are as they were
    /// logged.
    pub fn series(&self, name: &str) -> &[(u64, f64)] {
        self.series.get(name).map_or(&[], Series::points)
    }

    /// Whether `series` has every value of every name.
    pub fn is_exact(&self) -> bool {
        self.series.values().all(Series::is_exact)
    }

    /// The latest value of one name; of a thinned series that was rewound, the latest that was kept.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.series.get(name).map(Series::last)
    }

    /// The last step that was logged.
    pub fn last_step(&self) -> Option<u64> {
        self.last_step
    }

    /// The metrics that are in memory, in the form of a file's.
    pub fn logged(&self) -> Logged {
        let series = self.names().map(|name| (name.to_owned(), self.series(name).to_vec()));
        Logged::of(series.collect(), self.last_step)
    }

    /// A handle to have the file on the disk with; none where there is no file.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn handle(&self) -> Result<Option<File>> {
        self.lines.as_ref().map(JsonLines::handle).transpose()
    }

    /// Goes on in a file of another name: the same file where it was only renamed, else one with all its lines.
    ///
    /// # Errors
    /// The operating system refused. Nothing has changed.
    pub fn move_to(&mut self, path: PathBuf, is_renamed: bool) -> Result<()> {
        let Some(lines) = &mut self.lines else { return Ok(()) };
        if is_renamed {
            lines.rename(path);
        } else {
            write_atomically(&path, &lines.written()?)?;
            *lines = JsonLines::open(path)?;
        }
        Ok(())
    }

    /// Whether lines are held that the file has refused.
    pub fn is_refused(&self) -> bool {
        self.lines.as_ref().is_some_and(JsonLines::is_refused)
    }

    /// Writes the lines that are still buffered.
    pub fn flush(&mut self) -> Result<()> {
        self.lines.as_mut().map_or(Ok(()), JsonLines::flush)
    }
}

fn is_up_to(line: &[u8], step: u64) -> bool {
    Line::parse(line).is_some_and(|line| line.step <= step)
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

    fn log(metrics: &mut Metrics, steps: impl Iterator<Item = u64>) {
        steps.for_each(|step| metrics.log(step, &[("loss", 1.0 / step as f64)]).unwrap());
    }

    fn steps(path: &std::path::Path) -> Vec<u64> {
        lines(path).iter().map(|line| line["step"].as_u64().unwrap()).collect()
    }

    #[test]
    fn a_resumed_run_logs_what_one_without_a_break_would_have() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut first = Metrics::continue_file(&path, 0).unwrap();
        log(&mut first, 1..=9);
        drop(first);
        // A crash in the middle of a line.
        let torn = fs::read_to_string(&path).unwrap() + "{\"step\":10,\"los";
        fs::write(&path, torn).unwrap();
        let mut second = Metrics::continue_file(&path, 6).unwrap();
        assert_eq!(steps(&path), [1, 2, 3, 4, 5, 6]);
        log(&mut second, 7..=12);
        second.flush().unwrap();
        let mut whole = Metrics::in_memory();
        log(&mut whole, 1..=12);
        assert_eq!(second.series("loss"), whole.series("loss"));
        assert_eq!(steps(&path), (1..=12).collect::<Vec<_>>());
        assert_eq!(Logged::read(&path).unwrap().series("loss"), whole.series("loss"));
    }

    #[test]
    fn the_seconds_of_a_resumed_run_go_on_from_the_last_line_that_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        fs::write(&path, "{\"step\":1,\"seconds\":100.5,\"loss\":1}\n{\"step\":2,\"seconds\":900}\n").unwrap();
        let mut metrics = Metrics::continue_file(&path, 1).unwrap();
        log(&mut metrics, 2..=2);
        drop(metrics);
        let seconds = lines(&path)[1]["seconds"].as_f64().unwrap();
        assert!((100.5..200.0).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_value_that_was_not_finite_is_nan_in_a_resumed_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        Metrics::to_file(&path).unwrap().log(1, &[("loss", f64::INFINITY)]).unwrap();
        let metrics = Metrics::continue_file(&path, 1).unwrap();
        assert!(metrics.last("loss").is_some_and(f64::is_nan));
        assert_eq!(steps(&path), [1]);
    }

    #[test]
    fn going_back_forgets_later_steps_in_memory_and_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        for mut metrics in [Metrics::in_memory(), Metrics::to_file(&path).unwrap()] {
            log(&mut metrics, 1..=4);
            metrics.flush().unwrap();
            metrics.log(5, &[("loss", 9.0), ("late", 1.0)]).unwrap();
            metrics.rewind(3).unwrap();
            assert_eq!(metrics.names().collect::<Vec<_>>(), ["loss"]);
            assert_eq!((metrics.series("loss").len(), metrics.last("loss")), (3, Some(1.0 / 3.0)));
            log(&mut metrics, 4..=5);
            assert_eq!(metrics.last("loss"), Some(0.2));
        }
        assert_eq!(steps(&path), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn going_back_before_the_first_step_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut metrics = Metrics::to_file(&path).unwrap();
        log(&mut metrics, 1..=4);
        metrics.rewind(0).unwrap();
        assert_eq!((metrics.names().count(), metrics.last("loss"), steps(&path).len()), (0, None, 0));
    }

    #[test]
    fn where_the_file_cannot_forget_the_memory_does_not_either() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut metrics = Metrics::to_file(&path).unwrap();
        log(&mut metrics, 1..=4);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let message = metrics.rewind(2).unwrap_err().to_string();
        assert!(message.starts_with("log: ") && message.contains("metrics.jsonl: "), "{message}");
        assert_eq!(metrics.series("loss").len(), 4);
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
