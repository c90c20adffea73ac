//! What runs along a dim. What is multiplied is around 1, so that no product vanishes.

use super::operation::{LARGE, differentiable, unary};
use crate::{
    Tensor,
    parity::{
        Case,
        tolerance::{EXACT, FUNCTION, SUM},
    },
};

pub(super) fn cases() -> Vec<Case> {
    let positive = |name: &str, tolerance, range, f: fn(&Tensor) -> crate::Result<Tensor>| {
        differentiable(name, tolerance, [(LARGE.to_vec(), range)], move |inputs| f(&inputs[0]))
    };
    vec![
        positive("cumsum of rows", SUM, [0.1, 1.0], |x| x.cumsum(1)),
        positive("cumsum of columns", SUM, [0.1, 1.0], |x| x.cumsum(0)),
        positive("cumprod of rows", FUNCTION, [0.95, 1.05], |x| x.cumprod(1)),
        positive("cumprod of columns", FUNCTION, [0.9, 1.1], |x| x.cumprod(0)),
        unary("logcumsumexp", FUNCTION, &LARGE, |x| x.logcumsumexp(1)),
        // A gradient adds up what comes of all places that had the same element.
        unary("cummax", SUM, &LARGE, |x| Ok(x.cummax(1)?.0)),
        unary("cummin", SUM, &LARGE, |x| Ok(x.cummin(0)?.0)),
        unary("diff", EXACT, &LARGE, |x| x.diff(2, 1)),
    ]
}
