//! Choosing by a condition or by position. A position that is chosen twice adds up its gradients.

use super::operation::{LARGE, differentiable, exact, unary};
use crate::{
    Tensor,
    parity::{
        Case,
        noise::{ints, noise},
        tolerance::{EXACT, FUNCTION, SUM},
    },
};

pub(super) fn cases() -> Vec<Case> {
    let range = [-1.0, 1.0];
    vec![
        differentiable("where", EXACT, [(LARGE.to_vec(), range), (LARGE.to_vec(), range)], |inputs| {
            Tensor::select_where(&inputs[0].gt(&inputs[1])?, &inputs[0], &inputs[1])
        }),
        unary("masked_fill", EXACT, &LARGE, |x| x.masked_fill(&x.lt_scalar(0.0)?, 2.0)),
        unary("select of rows", SUM, &LARGE, |x| x.select(0, &ints("rows", &[53], [0, 36], x.device())?)),
        unary("select of columns", SUM, &LARGE, |x| x.select(1, &ints("columns", &[350], [0, 300], x.device())?)),
        unary("gather along rows", SUM, &LARGE, |x| {
            x.gather(1, &ints("along rows", &[30, 310], [0, 300], x.device())?)
        }),
        unary("gather along columns", SUM, &LARGE, |x| {
            x.gather(0, &ints("along columns", &[41, 301], [0, 36], x.device())?)
        }),
        unary("topk", EXACT, &LARGE, |x| Ok(x.topk(7, 1)?.0)),
        exact("topk's positions", ["last dim", "first dim"], |device| {
            let x = noise("topk", &LARGE, device)?;
            Ok([x.topk(9, 1)?.1, x.topk(5, 0)?.1])
        }),
        unary("softmax over rows", FUNCTION, &LARGE, |x| x.mul_scalar(5.0)?.softmax(1)),
        unary("softmax over columns", FUNCTION, &LARGE, |x| x.mul_scalar(5.0)?.softmax(0)),
        unary("log_softmax over rows", FUNCTION, &LARGE, |x| x.mul_scalar(5.0)?.log_softmax(1)),
        unary("log_softmax over columns", FUNCTION, &LARGE, |x| x.mul_scalar(5.0)?.log_softmax(0)),
        unary("normalize", FUNCTION, &LARGE, |x| x.normalize(1)),
    ]
}
