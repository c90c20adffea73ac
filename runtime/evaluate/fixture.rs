//! What the tests compare with: `tests/reference/few_shot.py` computed it with scikit-learn and PyTorch.

use serde_json::Value;

/// An entry of the fixtures, such as `/linear_probe`.
pub(super) fn fixture(pointer: &str) -> Value {
    let all: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/few_shot.json")).expect("the fixtures are JSON");
    all.pointer(pointer).unwrap_or_else(|| panic!("no fixture {pointer}")).clone()
}

/// A list of numbers.
pub(super) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

/// A list of positions or labels.
pub(super) fn positions(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|number| number as usize).collect()
}

/// A list of rows: the numbers, how many rows and how wide.
pub(super) fn matrix(value: &Value) -> (Vec<f64>, usize, usize) {
    let rows: Vec<Vec<f64>> = value.as_array().expect("a list of rows").iter().map(numbers).collect();
    (rows.concat(), rows.len(), rows[0].len())
}
