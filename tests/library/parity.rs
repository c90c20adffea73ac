//! What the report of `moonburn parity` says of parts that are wrong.

use std::cell::Cell;

use moonburn::{
    Device, Error,
    parity::{self, Case, Group, Measure, Outcome, Part, Pass, Report},
    tensor::Precision,
};
use serde_json::Value;

/// A case whose values are computed by the number of the run: the CPU's is 0, the device's 1.
fn case(name: &str, values: impl Fn(usize) -> moonburn::Result<Vec<f32>> + 'static) -> Case {
    let runs = Cell::new(0);
    Case::new(Group::Operation, name, 1e-3, move |_| {
        let run = runs.replace(runs.get() + 1);
        Ok(vec![parity::Output::forward("output", values(run)?), parity::Output::backward("gradient", vec![2.0])])
    })
}

fn report(cases: &[Case]) -> Report {
    parity::compare(cases, &Device::cpu(), &|_| {})
}

/// The row of a part in the table.
fn row(report: &Report, name: &str) -> Vec<String> {
    let table = report.table(None);
    let line = table.lines().find_map(|line| line.strip_prefix(name)).expect("the part has a row");
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_value_that_is_off_a_nan_an_error_and_a_panic_are_rows_and_the_others_go_on() {
    let report = report(&[
        case("right", |_| Ok(vec![1.0, 4.0])),
        case("close", |run| Ok(vec![1.0, 4.0 + run as f32 * 0.002])),
        case("off", |run| Ok(vec![1.0 + run as f32 * 0.5, 4.0])),
        case("nan", |run| Ok(vec![if run == 1 { f32::NAN } else { 1.0 }, 4.0])),
        case("short", |run| Ok(vec![1.0; 2 - run])),
        case("failing", |run| if run == 1 { Err(Error::Device("lost".into())) } else { Ok(vec![1.0]) }),
        case("panicking", |run| if run == 1 { panic!("out of cheese") } else { Ok(vec![1.0]) }),
        case("last", |_| Ok(vec![1.0])),
    ]);
    assert_eq!(row(&report, "right"), ["0", "0", "1.0e-3", "ok"]);
    assert_eq!(row(&report, "close"), ["5.0e-4", "0", "1.0e-3", "ok"]);
    assert_eq!(row(&report, "off"), ["1.2e-1", "0", "1.0e-3", "OVER"]);
    assert_eq!(row(&report, "nan"), ["inf", "0", "1.0e-3", "OVER"]);
    assert_eq!(row(&report, "short"), ["inf", "0", "1.0e-3", "OVER"]);
    assert_eq!(row(&report, "failing"), ["-", "-", "-", "error"]);
    assert_eq!(row(&report, "panicking"), ["-", "-", "-", "error"]);
    assert_eq!(row(&report, "last"), ["0", "0", "1.0e-3", "ok"]);
    let want = "\
off: output is off by 1.2e-1, over 1.0e-3: value 1 of 2 is 1 on the CPU and 1.5 on the device
nan: output is off by inf, over 1.0e-3: value 1 of 2 is 1 on the CPU and NaN on the device
short: output has 2 values on the CPU and another number on the device
failing: on cpu: device: lost
panicking: on cpu: parity: internal error: out of cheese";
    assert_eq!(report.failures(), want);
    assert!(!report.is_within());
    assert_eq!(report.verdict(), "cpu: of 8 parts 3 are over tolerance and 2 failed");
}

#[test]
fn the_file_holds_both_values_at_the_worst_place_also_where_one_is_not_finite() {
    let report = report(&[
        case("off", |run| Ok(vec![1.0, 4.0 + run as f32])),
        case("nan", |run| Ok(vec![if run == 1 { f32::NAN } else { 1.0 }])),
        case("failing", |_| Err(Error::Device("lost".into()))),
    ]);
    let file = report.to_json();
    let output = |part: usize| &file["parts"][part]["outputs"][0];
    let worst = serde_json::json!({ "index": 1, "cpu": 4.0, "device": 5.0 });
    assert_eq!((&output(0)["worst"], &output(0)["drift"]), (&worst, &Value::from(0.25)));
    assert_eq!((&output(1)["worst"]["device"], &output(1)["drift"]), (&Value::from("NaN"), &Value::from("inf")));
    assert_eq!(file["parts"][2]["error"], "on cpu: device: lost");
    assert_eq!(file["within_tolerance"], false);
}

#[test]
fn one_last_digit_in_what_has_to_be_exact_is_over() {
    let case = Case::new(Group::Layer, "kept", 1.0, {
        let runs = Cell::new(0u32);
        move |_| {
            let bits = 1.0f32.to_bits() + runs.replace(1);
            Ok(vec![parity::Output::forward("frozen", vec![f32::from_bits(bits)]).within(0.0)])
        }
    });
    let report = report(&[case]);
    assert!(!report.is_within());
    assert!(report.parts[0].drift(Pass::Forward).is_some_and(|drift| drift > 0.0));
    assert!(report.parts[0].drift(Pass::Backward).is_none());
}

#[test]
fn a_row_shows_drift_and_tolerance_of_the_output_that_takes_the_most_of_its_tolerance() {
    let runs = Cell::new(0.0f32);
    let case = Case::new(Group::Layer, "mixed", 1.0, move |_| {
        let off = runs.replace(1.0);
        let output = |name: &str, value: f32| parity::Output::forward(name, vec![value, 1.0]);
        let loose = output("loose", 0.5 * off);
        let tight = output("tight", 0.002 * off).within(1e-3);
        let mean = output("mean", 0.004 * off).within(1e-2).measured_by(Measure::Mean);
        Ok(vec![loose, tight, mean, parity::Output::backward("gradient", vec![0.25 * off, 1.0])])
    });
    let report = report(&[case]);
    assert_eq!(row(&report, "mixed"), ["2.0e-3", "2.5e-1", "1.0e-3", "OVER"]);
    let want = "mixed: tight is off by 2.0e-3, over 1.0e-3: value 1 of 2 is 0 on the CPU and 0.002 on the device";
    assert_eq!(report.failures(), want);
    let file = report.to_json();
    let mean = &file["parts"][0]["outputs"][2];
    assert_eq!((&mean["measure"], mean["drift"].as_f64().map(|it| (1e6 * it).round())), (&"mean".into(), Some(2e3)));
}

#[test]
fn what_the_device_cannot_compute_is_left_out_and_told() {
    let reason = "precision: gpu X cannot compute in float16, as its driver lacks shader-f16; use float32";
    let part = |name: &str, outcome: Outcome| Part {
        group: Group::Operation,
        name: name.into(),
        outcome,
        reference_time: std::time::Duration::ZERO,
        device_time: std::time::Duration::ZERO,
    };
    let left_out = || vec![part("one", Outcome::LeftOut(reason.into())), part("two", Outcome::LeftOut(reason.into()))];
    let only = Report { device: Device::cpu(), parts: left_out() };
    assert_eq!((only.is_within(), only.verdict().as_str()), (false, "nothing was compared; 2 left out"));
    let mut report = report(&[case("right", |_| Ok(vec![1.0]))]);
    report.parts.extend(left_out());
    assert_eq!(row(&report, "one"), ["-", "-", "-", "left", "out"]);
    assert_eq!(report.left_out(), format!("left out 2: {reason}"));
    assert!(report.is_within() && report.failures().is_empty());
    assert_eq!(report.verdict(), "cpu: all 1 parts agree with the CPU within tolerance; 2 left out");
    let file = report.to_json();
    assert_eq!((&file["parts"][1]["left_out"], &file["parts"][1]["within_tolerance"]), (&reason.into(), &Value::Null));
    let float16 = parity::cases(1).into_iter().filter(|case| case.precision() == Precision::Float16);
    assert!(float16.count() >= 10);
}

#[test]
fn nothing_compared_is_no_agreement() {
    assert!(!report(&[]).is_within());
    assert_eq!(report(&[]).verdict(), "nothing was compared");
}
