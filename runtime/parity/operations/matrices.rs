//! Matrix products, distances, and what is solved on the host from matrices of the device.

use super::operation::{LARGE, differentiable, unary};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        noise::ints,
        tolerance::{LAYER, SUM},
    },
    tensor::SvmOptions,
};

pub(super) fn cases() -> Vec<Case> {
    let range = [-1.0, 1.0];
    let product = |name: &str, left: &[usize], right: &[usize]| {
        differentiable(name, SUM, [(left.to_vec(), range), (right.to_vec(), range)], |inputs| {
            inputs[0].matmul(&inputs[1])
        })
    };
    vec![
        product("matmul", &[7, 5], &[5, 3]),
        product("matmul of odd sizes", &[67, 301], &[301, 131]),
        product("matmul of even sizes", &[128, 256], &[256, 64]),
        product("matmul of a row", &[1, 301], &[301, 67]),
        product("matmul of a column", &[67, 301], &[301, 1]),
        product("matmul in batches", &[5, 3, 17, 33], &[5, 3, 33, 9]),
        product("matmul with broadcast batches", &[5, 1, 17, 33], &[3, 33, 9]),
        unary("matmul with the own transpose", SUM, &LARGE, |x| x.matmul(&x.transpose(0, 1)?)),
        differentiable("squared_distances", LAYER, [(vec![3, 35, 65], range), (vec![3, 21, 65], range)], |inputs| {
            inputs[0].squared_distances(&inputs[1])
        }),
        differentiable("solve_spd", LAYER, [(vec![4, 25, 40], range), (vec![4, 25, 5], range)], |inputs| {
            gram(&inputs[0])?.solve_spd(&inputs[1])
        }),
        differentiable("svm_dual", LAYER, [(vec![2, 15, 40], range)], |inputs| {
            let labels = ints("svm labels", &[2, 15], [0, 4], inputs[0].device())?;
            gram(&inputs[0])?.svm_dual(&labels, 5, SvmOptions { tolerance: 1e-8, sweeps: 5000, ..Default::default() })
        }),
    ]
}

/// X·Xᵀ / d + I: a Gram matrix that is well conditioned.
pub(super) fn gram(rows: &Tensor) -> Result<Tensor> {
    let [.., count, width] = rows.shape() else { return Ok(rows.clone()) };
    let numbers = Tensor::arange(0, *count as i32 - 1, 1, rows.device())?;
    rows.matmul(&rows.transpose(1, 2)?)?.div_scalar(*width as f64)?.add(&numbers.one_hot(*count)?)
}
