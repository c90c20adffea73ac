//! The table that programs read: a row per script and seed, and a column for everything that is known of a run.

use csv_core::{WriteResult, Writer};
use serde_json::{Map, Value};

use super::Study;
use crate::{
    position::number,
    run::{History, RunRecord},
};

impl Study {
    /// Comma-separated values as in RFC 4180, except that lines end with a line feed. Columns: script, seed, device,
    /// what changed the run while it trained, every value of its results (those before the training as
    /// `untrained.NAME`, times as `timing.NAME`) and of its options (`option.NAME`). A value that a run does not have,
    /// or that was not finite, is empty.
    pub fn csv(&self) -> String {
        let rows: Vec<Vec<(String, String)>> = self.runs.iter().map(|(record, history)| row(record, history)).collect();
        let mut columns: Vec<&str> = Vec::new();
        for (name, _) in rows.iter().flatten() {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        let mut lines = Lines { writer: Writer::new(), out: Vec::new() };
        lines.push(columns.iter().copied());
        for row in &rows {
            let value = |column: &&str| row.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value);
            lines.push(columns.iter().map(value));
        }
        String::from_utf8(lines.out).expect("only text was written")
    }
}

fn row(record: &RunRecord, history: &History) -> Vec<(String, String)> {
    let about = &record.description;
    let mut row: Vec<(String, String)> = vec![
        ("script".into(), about.script.clone()),
        ("seed".into(), about.seed.to_string()),
        ("device".into(), about.device.clone()),
        ("changed_while_training".into(), history.in_words()),
    ];
    add(&mut row, "", &record.results);
    add(&mut row, "option.", &about.options);
    row
}

/// Adds the values of an object, those of objects and lists in it under joined names; positions count from 1.
fn add(row: &mut Vec<(String, String)>, prefix: &str, values: &Map<String, Value>) {
    for (name, value) in values {
        let name = format!("{prefix}{name}");
        match value {
            Value::Object(values) => add(row, &format!("{name}."), values),
            Value::Array(values) => {
                let numbered =
                    values.iter().enumerate().map(|(place, value)| (number(place).to_string(), value.clone()));
                add(row, &format!("{name}."), &numbered.collect());
            }
            Value::Null => row.push((name, String::new())),
            Value::String(text) => row.push((name, text.clone())),
            Value::Bool(_) | Value::Number(_) => row.push((name, value.to_string())),
        }
    }
}

/// Lines of fields, quoted where they have to be.
struct Lines {
    writer: Writer,
    out: Vec<u8>,
}

impl Lines {
    fn push<'a>(&mut self, fields: impl Iterator<Item = &'a str>) {
        let mut room = [0; 256];
        for (place, field) in fields.enumerate() {
            if place > 0 {
                let (_, written) = self.writer.delimiter(&mut room);
                self.out.extend_from_slice(&room[..written]);
            }
            let mut rest = field.as_bytes();
            loop {
                let (result, read, written) = self.writer.field(rest, &mut room);
                self.out.extend_from_slice(&room[..written]);
                rest = &rest[read..];
                if result == WriteResult::InputEmpty {
                    break;
                }
            }
        }
        let (_, written) = self.writer.terminator(&mut room);
        self.out.extend_from_slice(&room[..written]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_run_is_a_row_with_every_value_and_what_needs_it_is_quoted() {
        let mut first = run("scripts/a,b \"c\"\n.lua", 3, 1.0 / 3.0, 0.2);
        first.results["protocol"] = "kNN, k 5".into();
        first.results.insert("per_class".into(), json!([1, null]));
        let mut study = Study::default();
        study.add(first, History::default());
        study.add(run("scripts/byol.lua", 0, 40.0, 0.1), History::default());
        let want = "\
script,seed,device,changed_while_training,untrained.accuracy,accuracy,protocol,timing.training_seconds,per_class.1,per_class.2,option.epochs,option.temperature
\"scripts/a,b \"\"c\"\"\n.lua\",3,cpu,,10.0,0.3333333333333333,\"kNN, k 5\",60.0,1,,2,0.2
scripts/byol.lua,0,cpu,,10.0,40.0,kNN,60.0,,,2,0.1
";
        assert_eq!(study.csv(), want);
    }

    #[test]
    fn a_field_longer_than_the_buffer_is_whole() {
        let long = "x,\"y\"".repeat(400);
        let mut study = Study::default();
        study.add(run(&long, 0, 1.0, 0.1), History::default());
        assert!(study.csv().contains(&format!("\n\"{}\",0,", long.replace('"', "\"\""))));
    }
}
