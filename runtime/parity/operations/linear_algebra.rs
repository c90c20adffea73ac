//! Products of vectors, factorisations, norms and distances. What is factored is well conditioned, and its eigenvalues lie
//! apart; of vectors whose signs are free, squares are compared.

use super::{
    matrices::gram,
    operation::{differentiable, exact, unary},
};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        noise::noise,
        tolerance::{LAYER, SUM},
    },
    tensor::{MatrixNorm, Triangular},
};

pub(super) fn cases() -> Vec<Case> {
    [products(), distances(), factors(), norms()].into_iter().flatten().collect()
}

const RANGE: [f32; 2] = [-1.0, 1.0];

fn of_two(
    name: &str,
    tolerance: f64,
    left: &[usize],
    right: &[usize],
    f: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Case {
    differentiable(name, tolerance, [(left.to_vec(), RANGE), (right.to_vec(), RANGE)], move |inputs| {
        f(&inputs[0], &inputs[1])
    })
}

fn products() -> Vec<Case> {
    vec![
        of_two("matmul with a vector", SUM, &[5, 67, 33], &[33], Tensor::matmul),
        of_two("dot", SUM, &[301], &[301], Tensor::dot),
        of_two("outer", SUM, &[37], &[65], Tensor::outer),
        of_two("mv", SUM, &[67, 33], &[33], Tensor::mv),
        of_two("mm", SUM, &[17, 33], &[33, 9], Tensor::mm),
        of_two("bmm", SUM, &[3, 17, 33], &[3, 33, 9], Tensor::bmm),
        of_two("einsum", SUM, &[3, 17, 33], &[33, 3, 5], |a, b| {
            Tensor::einsum("bij,jbk->kib", &[a.clone(), b.clone()])
        }),
        unary("trace", SUM, &[37, 65], Tensor::trace),
        unary("einsum of a diagonal", SUM, &[5, 17, 17], |x| Tensor::einsum("bii->bi", std::slice::from_ref(x))),
    ]
}

fn distances() -> Vec<Case> {
    vec![
        of_two("cosine_similarity", LAYER, &[37, 65], &[37, 65], |a, b| a.cosine_similarity(b, 1)),
        of_two("cdist", LAYER, &[3, 35, 65], &[3, 21, 65], |a, b| a.cdist(b, 2.0)),
        of_two("cdist of order 3", LAYER, &[3, 17, 9], &[3, 11, 9], |a, b| a.cdist(b, 3.0)),
    ]
}

/// A symmetric matrix whose eigenvalues lie apart, from rows.
fn spread(rows: &Tensor) -> Result<Tensor> {
    let whole = gram(rows)?;
    let count = rows.shape()[rows.rank() - 2];
    let apart: Vec<f32> =
        (0..count * count).map(|i| if i / count == i % count { (i / count) as f32 } else { 0.0 }).collect();
    whole.mul_scalar(0.25)?.add(&Tensor::from_floats(apart, &[count, count], rows.device())?)
}

fn of_spread(name: &str, f: impl Fn(&Tensor) -> Result<Tensor> + 'static) -> Case {
    unary(name, LAYER, &[3, 5, 20], move |x| f(&spread(x)?))
}

fn with_side(name: &str, f: fn(&Tensor, &Tensor) -> Result<Tensor>) -> Case {
    differentiable(name, LAYER, [(vec![3, 9, 20], RANGE), (vec![3, 9, 2], RANGE)], move |inputs| {
        f(&gram(&inputs[0])?, &inputs[1])
    })
}

fn factors() -> Vec<Case> {
    let square = |x: &Tensor| x.mul(x);
    vec![
        of_spread("cholesky", Tensor::cholesky),
        of_spread("eigvalsh", Tensor::eigvalsh),
        of_spread("eigh, squares of the vectors", move |x| square(&x.eigh()?.1)),
        of_spread("svdvals", Tensor::svdvals),
        of_spread("svd, squares of the left vectors", move |x| square(&x.slice(2, 0, 3)?.svd(false)?.0)),
        of_spread("svd, squares of the right vectors", move |x| square(&x.slice(1, 0, 3)?.svd(false)?.2)),
        of_spread("qr, the right factor", |x| Ok(x.qr()?.1)),
        of_spread("qr, the left factor", |x| Ok(x.slice(2, 0, 3)?.qr()?.0)),
        of_spread("inv", Tensor::inverse),
        with_side("solve", Tensor::solve),
        with_side("lstsq", |a, b| a.slice(2, 0, 5)?.lstsq(b, None)),
        with_side("solve_triangular", |a, b| a.solve_triangular(b, Triangular::default())),
        of_spread("pinv", |x| x.slice(2, 0, 3)?.pinv(None)),
        of_spread("det", Tensor::det),
        of_spread("slogdet", |x| Ok(x.slogdet()?.1)),
        of_spread("matrix_power", |x| x.matrix_power(3)),
        of_spread("cond", |x| x.cond(MatrixNorm::Fro)),
        exact("matrix_rank", ["rank"], |device| {
            let rows = noise("rank", &[3, 7, 4], device)?;
            Ok([rows.matmul(&rows.transpose(1, 2)?)?.matrix_rank(Some(1e-4))?])
        }),
    ]
}

fn norms() -> Vec<Case> {
    vec![
        unary("matrix_norm", LAYER, &[3, 17, 9], |x| x.matrix_norm(MatrixNorm::Fro, false)),
        of_spread("matrix_norm by singular values", |x| x.matrix_norm(MatrixNorm::Nuc, false)),
        unary("matrix_norm of rows", LAYER, &[3, 17, 9], |x| x.matrix_norm(MatrixNorm::LargestRow, false)),
        unary("vector_norm", LAYER, &[37, 65], |x| x.vector_norm(1.5, Some(1), false)),
    ]
}
