//! Random programs of several operations, a seed each, which `tests/reference/compositions.py` made. A sample is
//! compared always; `.ci/long compositions` makes thousands, in a file that `MOONBURN_COMPOSITIONS` names.

use std::{env, fs};

use serde_json::Value;

use super::{
    compare::{failures, largest},
    differentiate::{self, Found},
    program::Case,
};

/// Of the largest value of a tensor.
const TOLERANCE: f64 = 1e-5;
/// Of the largest value of all tensors of the same order: what cancels out there is rounded in no other way.
const SHARE: f64 = 1e-6;
/// How often as far off as float32 may be, by what `compositions.py` knows of the program.
const TIMES: f64 = 4.0;

fn check(case: Case<'_>, found: &Found) -> Vec<String> {
    let compare = |what: &str, found: &[Vec<f32>], wanted: &[Vec<f64>]| {
        let overall = wanted.iter().map(|values| largest(values)).fold(0.0, f64::max);
        let off = case.off(what.split(',').next().unwrap_or(what));
        failures(what, found, wanted, |tensor, wanted| {
            (TOLERANCE * largest(wanted)).max(SHARE * overall).max(TIMES * off[tensor])
        })
    };
    let mut wrong = compare("value", std::slice::from_ref(&found.value), &[case.numbers("value")]);
    let first = case.tensors("first").unwrap();
    wrong.extend(compare("first, nothing recorded", &found.plain, &first));
    wrong.extend(compare("first", &found.first, &first));
    wrong.extend(compare("second", found.second.as_ref().unwrap(), &case.tensors("second").unwrap()));
    wrong
}

/// What is wrong with the programs of a file, and how many were compared.
fn compare(text: &str) -> (Vec<String>, usize) {
    let all: Value = serde_json::from_str(text).unwrap();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (name, case) in all.as_object().unwrap() {
        // Float32 keeps too little of every program of the seed.
        if case.get("rejected").is_some() {
            continue;
        }
        let case = Case(case);
        let found = differentiate::of(case);
        let failures = found.map_or_else(|error| vec![error], |found| check(case, &found));
        let steps = case.steps().map(|step| step.operation()).collect::<Vec<_>>().join(", ");
        wrong.extend(failures.into_iter().map(|text| format!("{name} ({steps}): {text}")));
        compared += 1;
    }
    (wrong, compared)
}

#[test]
fn random_compositions_have_the_values_and_gradients_that_pytorch_has() {
    let (mut wrong, compared) = compare(include_str!("../../fixtures/compositions.json"));
    assert!(compared >= 150, "{compared}");
    if let Some(file) = env::var_os("MOONBURN_COMPOSITIONS") {
        let (more, compared) = compare(&fs::read_to_string(&file).unwrap());
        println!("{compared} programs of {} compared, {} things are wrong", file.display(), more.len());
        wrong.extend(more);
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
