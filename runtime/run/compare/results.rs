//! What the runs evaluate, beside each other, as long as it was measured in the same way.

use serde_json::{Map, Value};

use super::{
    Comparison,
    differences::{distinct, plain},
    run::Run,
    table::NOTHING,
};
use crate::{Error, Result};

impl Comparison {
    /// The results, in brackets those of the untrained encoders, and the protocol by which all were measured.
    ///
    /// # Errors
    /// The runs that have results were measured by different protocols, so that their numbers say nothing about
    /// which of them is better.
    pub fn results(&self) -> Result<String> {
        let (done, not_done): (Vec<&Run>, Vec<&Run>) = self.runs.iter().partition(|run| names(run).next().is_some());
        let labels = |runs: &[&Run]| runs.iter().map(|run| run.label.as_str()).collect::<Vec<_>>().join(", ");
        let Some(first) = done.first() else { return Ok("results: no run has any\n".into()) };
        let all = distinct(done.iter().flat_map(|run| names(run)));
        if done.iter().any(|run| protocol(run) != protocol(first)) {
            let protocols = done.iter().map(|run| {
                let protocol = protocol(run).map_or("none".into(), |protocol| format!("\"{}\"", plain(protocol)));
                format!("{}: {protocol}", run.label)
            });
            let (all, protocols) = (all.join(", "), protocols.collect::<Vec<_>>().join("; "));
            return Err(Error::State { op: "compare", reason: format!("{all}: protocols differ: {protocols}") });
        }
        let mut table = self.table();
        for name in all {
            table.row(name, self.runs.iter().map(|run| result(&run.record.results, name)));
        }
        let mut out = format!("results:\n{}", table.text());
        if let Some(protocol) = protocol(first) {
            out += &format!("  protocol: {}\n", plain(protocol));
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

fn protocol(run: &Run) -> Option<&Value> {
    run.record.results.get("protocol")
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
        assert_eq!(comparison(&runs).results().unwrap(), want);
    }

    #[test]
    fn results_of_different_protocols_are_refused() {
        let runs = [evaluated(43.25, json!("kNN, k 20")), evaluated(50.0, json!("kNN, k 5"))];
        let message = comparison(&runs).results().unwrap_err().to_string();
        assert_eq!(message, "compare: knn_accuracy: protocols differ: a: \"kNN, k 20\"; b: \"kNN, k 5\"");
    }

    #[test]
    fn a_protocol_and_none_differ_and_none_and_none_do_not() {
        let runs = [evaluated(43.25, json!("kNN, k 20")), evaluated(50.0, Value::Null)];
        let message = comparison(&runs).results().unwrap_err().to_string();
        assert_eq!(message, "compare: knn_accuracy: protocols differ: a: \"kNN, k 20\"; b: none");
        let text = comparison(&[evaluated(43.25, Value::Null), evaluated(50.0, Value::Null)]).results().unwrap();
        assert!(text.contains("50.00 (untrained 10.00)") && !text.contains("protocol"), "{text}");
    }

    #[test]
    fn runs_without_results_say_so() {
        let runs = [(json!({}), &[1.0][..]), (json!({ "results": { "timing": {} } }), &[1.0][..])];
        assert_eq!(comparison(&runs).results().unwrap(), "results: no run has any\n");
    }
}
