//! What the runs evaluate, beside each other, as long as it was measured in the same way.

use serde_json::{Map, Value};

use super::{
    Comparison,
    differences::{distinct, plain},
    indented, named_row,
    run::Run,
};
use crate::{Error, Result, run::protocol::measured_by, run::table::NOTHING};

impl Comparison {
    /// The results, in brackets those of the untrained encoders, which runs were changed while they trained, and the
    /// protocol by which all were measured; the table no wider than so many columns, where these are given.
    ///
    /// # Errors
    /// The runs that have results were measured by different protocols, so that their numbers say nothing about
    /// which of them is better.
    pub fn results(&self, columns: Option<usize>) -> Result<String> {
        let (done, not_done): (Vec<&Run>, Vec<&Run>) = self.runs.iter().partition(|run| names(run).next().is_some());
        let labels = |runs: &[&Run]| runs.iter().map(|run| run.label.as_str()).collect::<Vec<_>>().join(", ");
        let Some(first) = done.first() else { return Ok("results: no run has any\n".into()) };
        let all = distinct(done.iter().flat_map(|run| names(run)));
        let protocol = measured_by(&first.record);
        if done.iter().any(|run| measured_by(&run.record) != protocol) {
            let protocols = done.iter().map(|run| {
                let protocol = measured_by(&run.record).map_or("none".into(), |protocol| format!("\"{protocol}\""));
                format!("{}: {protocol}", run.label)
            });
            let (all, protocols) = (all.join(", "), protocols.collect::<Vec<_>>().join("; "));
            return Err(Error::State { op: "compare", reason: format!("{all}: protocols differ: {protocols}") });
        }
        let mut table = self.table();
        for name in all {
            table.row(named_row(name, self.runs.iter().map(|run| result(&run.record.results, name))));
        }
        if done.iter().any(|run| !run.history.is_empty()) {
            let change = |run: &Run| if run.history.is_empty() { NOTHING.into() } else { run.history.to_string() };
            table.row(named_row("changed while it trained", self.runs.iter().map(change)));
        }
        let mut out = format!("results:\n{}", indented(&table, columns));
        if let Some(protocol) = protocol {
            out += &format!("  protocol: {protocol}\n");
        }
        if !not_done.is_empty() {
            out += &format!("  without results: {}\n", labels(&not_done));
        }
        Ok(out)
    }
}

fn names(run: &Run) -> impl Iterator<Item = &str> {
    let names = run.record.results.keys().map(String::as_str);
    names.filter(|name| !matches!(*name, "untrained" | "timing" | "protocol"))
}

fn result(results: &Map<String, Value>, name: &str) -> String {
    let before = results.get("untrained").and_then(|untrained| untrained.get(name)?.as_f64());
    match (results.get(name), before) {
        (None, _) => NOTHING.into(),
        (Some(value), before) => match (value.as_f64(), before) {
            (Some(after), Some(before)) => format!("{after:.2} (untrained {before:.2})"),
            (Some(after), None) => format!("{after:.2}"),
            (None, _) => plain(value),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::comparison;
    use super::*;
    use serde_json::json;

    fn evaluated(accuracy: f64, protocol: Value) -> (Value, &'static [f64]) {
        let untrained = json!({ "knn_accuracy": 10.0, "protocol": protocol });
        let mut results =
            json!({ "untrained": untrained, "knn_accuracy": accuracy, "timing": {}, "protocol": protocol });
        if protocol.is_null() {
            results.as_object_mut().unwrap().remove("protocol");
        }
        (json!({ "results": results }), &[1.0])
    }

    #[test]
    fn results_of_one_protocol_stand_beside_each_other() {
        let running = (json!({ "status": "running" }), &[1.0][..]);
        let runs = [evaluated(43.25, json!("kNN, k 20")), evaluated(50.0, json!("kNN, k 20")), running];
        let want = "\
results:
                a                        b                        c
  knn_accuracy  43.25 (untrained 10.00)  50.00 (untrained 10.00)  –
  protocol: kNN, k 20
  without results: c
";
        assert_eq!(comparison(&runs).results(None).unwrap(), want);
    }

    #[test]
    fn results_of_different_protocols_are_refused() {
        let runs = [evaluated(43.25, json!("kNN, k 20")), evaluated(50.0, json!("kNN, k 5"))];
        let message = comparison(&runs).results(None).unwrap_err().to_string();
        assert_eq!(message, "compare: knn_accuracy: protocols differ: a: \"kNN, k 20\"; b: \"kNN, k 5\"");
    }

    #[test]
    fn a_protocol_and_none_differ_and_none_and_none_do_not() {
        let runs = [evaluated(43.25, json!("kNN, k 20")), evaluated(50.0, Value::Null)];
        let message = comparison(&runs).results(None).unwrap_err().to_string();
        assert_eq!(message, "compare: knn_accuracy: protocols differ: a: \"kNN, k 20\"; b: none");
        let text = comparison(&[evaluated(43.25, Value::Null), evaluated(50.0, Value::Null)]).results(None).unwrap();
        assert!(text.contains("50.00 (untrained 10.00)") && !text.contains("protocol"), "{text}");
    }

    #[test]
    fn the_number_of_epochs_in_an_older_runs_protocol_is_its_option_and_no_difference() {
        let run = |epochs: u64, written: u64| {
            let (mut changes, losses) =
                evaluated(43.25, json!(format!("unaugmented, after the last of {written} epochs; kNN")));
            changes["options"] = json!({ "epochs": epochs });
            (changes, losses)
        };
        let newer = evaluated(50.0, json!("unaugmented; kNN"));
        let text = comparison(&[run(1, 1), run(2, 2), newer.clone()]).results(None).unwrap();
        assert!(text.contains("  protocol: unaugmented; kNN\n"), "{text}");
        // A number that is not the option's says how it was measured.
        assert!(comparison(&[run(1, 100), newer]).results(None).is_err());
    }

    #[test]
    fn runs_without_results_say_so() {
        let runs = [(json!({}), &[1.0][..]), (json!({ "results": { "timing": {} } }), &[1.0][..])];
        assert_eq!(comparison(&runs).results(None).unwrap(), "results: no run has any\n");
    }
}
