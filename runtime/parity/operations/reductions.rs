//! Reductions over all values and along each dim. What is summed is over 0, so that no sum comes out near 0 and shows
//! rounding as drift.

use super::operation::{EVEN, LARGE, differentiable};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        tolerance::{EXACT, FUNCTION, SUM},
    },
};

type Reduction = fn(&Tensor, Option<usize>) -> Result<Tensor>;

const REDUCTIONS: [(&str, f64, Reduction); 7] = [
    ("sum", SUM, |x, dim| x.sum(dim, false)),
    ("mean", SUM, |x, dim| x.mean(dim, false)),
    ("var", SUM, |x, dim| x.var(dim, false, false)),
    ("std", FUNCTION, |x, dim| x.std(dim, false, true)),
    ("norm", FUNCTION, |x, dim| x.norm(dim, false)),
    ("max", EXACT, |x, dim| x.max(dim, false)),
    ("min", EXACT, |x, dim| x.min(dim, false)),
];

/// What is reduced, and along which dim.
const PLACES: [(&str, &[usize], Option<usize>); 3] =
    [("of all", &LARGE, None), ("of rows", &LARGE, Some(1)), ("of columns", &LARGE, Some(0))];

pub(super) fn cases() -> Vec<Case> {
    let case = |name: String, tolerance, shape: &[usize], dim, reduce: Reduction| {
        differentiable(&name, tolerance, [(shape.to_vec(), [0.1, 1.0])], move |inputs| reduce(&inputs[0], dim))
    };
    let every = REDUCTIONS.into_iter().flat_map(|(name, tolerance, reduce)| {
        PLACES.map(|(place, shape, dim)| case(format!("{name} {place}"), tolerance, shape, dim, reduce))
    });
    let sum = REDUCTIONS[0].2;
    let more = [
        case("sum of a middle dim".into(), SUM, &[5, 130, 17], Some(1), sum),
        case("sum of even rows".into(), SUM, &EVEN, Some(1), sum),
        case("sum of 200,001 values".into(), SUM, &[200_001], None, sum),
        case("sum of one value".into(), SUM, &[1], Some(0), sum),
        case("sum of a million rows".into(), SUM, &[1_048_577, 2], Some(0), sum),
        case("mean of a million columns".into(), SUM, &[2, 1_048_575], Some(1), REDUCTIONS[1].2),
    ];
    every.chain(more).collect()
}
