//! What the runs logged, where all of them have been and where each of them is.

use super::{Comparison, differences::distinct, indented, named_row, run::Run};
use crate::run::table::{NOTHING, Table};

/// The steps over which values are averaged, since that of a single step is noise.
const STEPS: u64 = 50;

impl Comparison {
    /// The means up to the last step that every run has logged, and the last values.
    pub(super) fn logged(&self, columns: Option<usize>) -> String {
        let mut names = distinct(self.runs.iter().flat_map(|run| run.logged.names()));
        names.sort_unstable();
        let Some(common) = self.runs.iter().map(|run| run.last_step).min() else { return String::new() };
        if names.is_empty() {
            return "logged metrics: none\n".into();
        }
        let fill = |cell: &dyn Fn(&Run, &str) -> Option<String>| {
            let mut table: Table = self.table();
            for name in &names {
                let cells = self.runs.iter().map(|run| cell(run, name).unwrap_or_else(|| NOTHING.into()));
                table.row(named_row(name, cells));
            }
            indented(&table, columns)
        };
        format!(
            "logged metrics, mean of the last up to {STEPS} steps up to step {common}, the last that every run has \
             reached:\n{}\nlogged metrics, last value (its step):\n{}",
            fill(&|run, name| mean(run.logged.series(name), common)),
            fill(&|run, name| {
                run.logged.series(name).last().map(|(step, value)| format!("{} ({step})", number(*value)))
            }),
        )
    }
}

/// The mean over the last steps up to `common`, or the latest value before, with its step, of what is logged
/// more rarely than that.
fn mean(series: &[(u64, f64)], common: u64) -> Option<String> {
    let series = &series[..series.partition_point(|point| point.0 <= common)];
    let recent = &series[series.partition_point(|point| point.0.saturating_add(STEPS) <= common)..];
    if recent.is_empty() {
        return series.last().map(|(step, value)| format!("{} ({step})", number(*value)));
    }
    Some(number(recent.iter().map(|point| point.1).sum::<f64>() / recent.len() as f64))
}

/// Four decimals, more where these would show less than four digits, and an exponent where that takes too many.
fn number(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => "not finite".into(),
        size if size >= 1e6 || (size > 0.0 && size < 1e-4) => format!("{value:.3e}"),
        size if size > 0.0 && size < 1.0 => format!("{value:.*}", (3.0 - size.log10().floor()) as usize),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::comparison;
    use super::*;
    use serde_json::json;

    #[test]
    fn metrics_are_compared_where_all_runs_have_been_and_shown_where_each_is() {
        let (short, long): (Vec<f64>, Vec<f64>) =
            ((1..=60).map(f64::from).collect(), (1..=200).map(|step| f64::from(step) * 2.0).collect());
        let text = comparison(&[(json!({}), &short), (json!({}), &long)]).logged(None);
        let want = "\
logged metrics, mean of the last up to 50 steps up to step 60, the last that every run has reached:
        a        b
  loss  35.5000  71.0000

logged metrics, last value (its step):
        a             b
  loss  60.0000 (60)  400.0000 (200)
";
        assert_eq!(text, want);
    }

    #[test]
    fn fewer_steps_than_are_averaged_are_averaged_all() {
        assert_eq!(mean(&[(1, 1.0), (2, 2.0)], 2).as_deref(), Some("1.5000"));
        assert_eq!(mean(&[(1, 1.0), (50, 2.0), (51, 3.0), (52, 9.0)], 51).as_deref(), Some("2.5000"));
    }

    #[test]
    fn a_metric_that_is_logged_rarely_has_its_latest_value() {
        assert_eq!(mean(&[(100, 1.0), (200, 2.0)], 180).as_deref(), Some("1.0000 (100)"));
        assert_eq!(mean(&[(200, 2.0)], 180), None);
    }

    #[test]
    fn numbers_show_their_size_and_whether_they_are_any() {
        let numbers = [0.0, 2.5, 0.1, -0.00264, 3e-5, -2.5e7, f64::NAN].map(number);
        assert_eq!(numbers, ["0.0000", "2.5000", "0.1000", "-0.002640", "3.000e-5", "-2.500e7", "not finite"]);
    }
}
