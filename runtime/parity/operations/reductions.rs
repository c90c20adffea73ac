//! Reductions over all values and along each dim. What is summed is over 0, so that no sum comes out near 0 and shows
//! rounding as drift.

use super::operation::{EVEN, LARGE, differentiable};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        tolerance::{EXACT, FUNCTION, SUM},
    },
    tensor::Dims,
};

type Reduction = fn(&Tensor, Dims) -> Result<Tensor>;

const REDUCTIONS: [(&str, f64, Reduction); 13] = [
    ("sum", SUM, |x, dim| x.sum(dim, false)),
    ("mean", SUM, |x, dim| x.mean(dim, false)),
    ("var", SUM, |x, dim| x.var(dim, false, 1.0)),
    ("std", FUNCTION, |x, dim| x.std(dim, false, 0.0)),
    ("norm", FUNCTION, |x, dim| x.norm(dim, false)),
    ("max", EXACT, |x, dim| x.max(dim, false)),
    ("min", EXACT, |x, dim| x.min(dim, false)),
    ("amax", EXACT, |x, dim| x.amax(dim, false)),
    ("amin", EXACT, |x, dim| x.amin(dim, false)),
    ("prod", FUNCTION, |x, dim| x.mul_scalar(1.8)?.prod(dim, false)),
    ("logsumexp", FUNCTION, |x, dim| x.logsumexp(dim, false)),
    ("nansum", SUM, |x, dim| x.nansum(dim, false)),
    ("nanmean", SUM, |x, dim| x.nanmean(dim, false)),
];

/// What is reduced, and along which dim.
const PLACES: [(&str, &[usize], Option<usize>); 3] =
    [("of all", &LARGE, None), ("of rows", &LARGE, Some(1)), ("of columns", &LARGE, Some(0))];

pub(super) fn cases() -> Vec<Case> {
    let case = |name: String, tolerance, shape: &[usize], dim, reduce: Reduction| {
        differentiable(&name, tolerance, [(shape.to_vec(), [0.1, 1.0])], move |inputs| {
            reduce(&inputs[0], Dims::from(dim))
        })
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
    let over = |name: &str, tolerance, dims: &'static [usize], reduce: Reduction| {
        let inputs = [(vec![5, 67, 3, 13], [0.1, 1.0])];
        differentiable(name, tolerance, inputs, move |inputs| reduce(&inputs[0], Dims::from(dims)))
    };
    let several = [
        over("sum of the middle dims", SUM, &[1, 2], sum),
        over("sum of all but the second dim", SUM, &[0, 2, 3], sum),
        over("var of all but the second dim", SUM, &[0, 2, 3], REDUCTIONS[2].2),
        over("max of the first and the last dim", EXACT, &[0, 3], REDUCTIONS[5].2),
    ];
    every.chain(more).chain(several).collect()
}
