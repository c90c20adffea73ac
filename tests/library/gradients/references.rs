//! Every differentiable operation, layer and loss, away from its edges: `tests/reference/gradients.py` and
//! `loss_gradients.py` wrote the cases, with PyTorch's gradients in float64 and with central differences.

use serde_json::Value;

use super::{
    compare::{failures, largest},
    differentiate::{self, Found},
    program::Case,
};

/// Of the largest value of a tensor. Values that are small throughout have what float32 keeps of values around 1.
const TOLERANCE: f64 = 1e-5;
const FLOOR: f64 = 0.1;

/// Cases of which float32 keeps less, and why.
const LOOSE: [(&str, f64, &str); 0] = [];

pub fn cases() -> serde_json::Map<String, Value> {
    let files = [include_str!("../../fixtures/gradients.json"), include_str!("../../fixtures/loss_gradients.json")];
    let all = files.into_iter().map(|text| serde_json::from_str::<serde_json::Map<String, Value>>(text).unwrap());
    all.flatten().collect()
}

fn check(name: &str, case: Case<'_>, found: &Found) -> Vec<String> {
    let loose = LOOSE.iter().find(|(own, _, _)| *own == name).map_or(1.0, |(_, factor, _)| *factor);
    let allowed = |_: usize, wanted: &[f64]| loose * TOLERANCE * largest(wanted).max(FLOOR);
    let mut all = failures("value", std::slice::from_ref(&found.value), &[case.numbers("value")], allowed);
    if found.shape != case.shape() {
        all.push(format!("shape {:?} for {:?}", found.shape, case.shape()));
    }
    for reference in ["first", "first_fd"] {
        let wanted = case.tensors(reference).unwrap();
        all.extend(failures(&format!("{reference}, nothing recorded"), &found.plain, &wanted, allowed));
        all.extend(failures(reference, &found.first, &wanted, allowed));
    }
    for reference in ["second", "second_fd"] {
        if let (Some(second), Some(wanted)) = (&found.second, case.tensors(reference)) {
            all.extend(failures(reference, second, &wanted, allowed));
        }
    }
    all
}

#[test]
fn first_and_second_gradients_are_pytorchs_and_those_of_finite_differences() {
    let mut wrong = Vec::new();
    let cases = cases();
    for (name, case) in &cases {
        let case = Case(case);
        match differentiate::of(case) {
            Ok(found) => wrong.extend(check(name, case, &found).into_iter().map(|text| format!("{name}: {text}"))),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases.len() > 250, "{}", cases.len());
}

#[test]
fn a_case_with_a_tolerance_of_its_own_is_there() {
    let cases = cases();
    assert!(LOOSE.iter().all(|(name, _, reason)| cases.contains_key(*name) && !reason.is_empty()));
}
