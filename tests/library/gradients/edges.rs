//! Where operations have an edge: values, first and second gradients as PyTorch has them, NaN and infinities included.
//! `tests/reference/gradient_edges.py` and `loss_gradients.py` wrote the cases.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    compare::{failures, largest},
    differentiate,
    program::Case,
};

/// Of the largest finite value of a tensor.
const TOLERANCE: f64 = 1e-5;
/// What float32 has for numbers that only float64 can tell from 0.
const FLOOR: f64 = 1e-6;

/// Where second gradients differ from PyTorch's, and why.
const DIFFERENCES: [(&str, &[&str]); 4] = [
    (
        "the gradient of a root of 0 is 0, and so is that of the gradient, which is 0 / 0 in PyTorch",
        &[
            "std of rows without spread",
            "std of zeros",
            "std of equal numbers",
            "norm of rows without spread",
            "norm of zeros",
            "a collapsed run",
            "the square of a norm of zeros",
            "the variance from a std of equal numbers",
            "normalize of a row of zeros",
            "normalize of zeros beside another column",
            "cosine of a row of zeros",
        ],
    ),
    (
        "a variance that is cut is a constant, as in PyTorch's first gradient; its second has a cut of its own",
        &["bce of 0 and 1"],
    ),
    (
        "the second gradient of a mean of nothing by its factor is 0 or 0 / 0, and PyTorch's is the other one",
        &[
            "mse of nothing, mean",
            "l1 of nothing, mean",
            "huber of nothing, mean",
            "bce_with_logits of nothing, mean",
            "cross_entropy of nothing, mean",
        ],
    ),
    ("what 1 / y is multiplied by is added up first: an infinity, where PyTorch subtracts two", &["div by 0"]),
];

fn check(case: Case<'_>) -> Vec<String> {
    let found = match differentiate::of(case) {
        Ok(found) => found,
        Err(error) => return vec![error],
    };
    let allowed = |_: usize, wanted: &[f64]| TOLERANCE * largest(wanted).max(FLOOR);
    let mut wrong = failures("value", &[found.value], &[case.numbers("value")], allowed);
    let first = case.tensors("first").unwrap();
    wrong.extend(failures("first, nothing recorded", &found.plain, &first, allowed));
    wrong.extend(failures("first", &found.first, &first, allowed));
    wrong.extend(failures("second", &found.second.unwrap(), &case.tensors("second").unwrap(), allowed));
    wrong
}

#[test]
fn at_edges_values_and_gradients_are_pytorchs_or_differ_for_a_reason() {
    let files = [include_str!("../../fixtures/gradient_edges.json"), include_str!("../../fixtures/loss_edges.json")];
    let all = files.into_iter().map(|text| serde_json::from_str::<Map<String, Value>>(text).unwrap());
    let all: Map<String, Value> = all.flatten().collect();
    let reasons = DIFFERENCES.iter().flat_map(|(reason, names)| names.iter().map(move |name| (*name, *reason)));
    let reasons: BTreeMap<&str, &str> = reasons.collect();
    let mut wrong = Vec::new();
    for (name, case) in &all {
        let found = check(Case(case));
        match reasons.get(name.as_str()) {
            None => wrong.extend(found.into_iter().map(|text| format!("{name}: {text}"))),
            Some(reason) if found.is_empty() => wrong.push(format!("{name}: no longer differs: {reason}")),
            Some(_) => {
                let others = found.iter().filter(|text| !text.starts_with("second "));
                wrong.extend(others.map(|text| format!("{name}: {text}")));
            }
        }
    }
    let unknown = reasons.keys().filter(|name| all.get(**name).is_none());
    wrong.extend(unknown.map(|name| format!("{name}: there is no such case")));
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
