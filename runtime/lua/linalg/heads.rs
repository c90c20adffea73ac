//! The solvers of heads.

use crate::{
    Tensor,
    lua::{api::Api, position},
    options::options,
    tensor::SvmOptions,
};

options! {
    /// Options of `mb.linalg.svm_dual`.
    pub struct SvmDualOptions {
        /// The number of classes.
        pub ways: usize;
        ..solver: SvmOptions;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "linalg.solve_spd",
        "a, b",
        "X with A X = B for a symmetric positive definite A [..., n, n] and B [..., n, m], by Cholesky, with gradients \
         for both: in float64 on the CPU, in float32 on a GPU. A matrix that is not positive definite is an error that \
         names the pivot. On a GPU the error comes later, when a value that depends on the result is read, such as the \
         loss in session:update.",
        |a: Tensor, b: Tensor| a.solve_spd(&b),
    )
    .example(
        r"local a, b = mb.eye(2) * 4, mb.ones(2, 1)
print(mb.linalg.solve_spd(a, b))
--> tensor [2, 1] float32 on cpu
--> [[0.2500],
-->  [0.2500]]",
    );
    api.function(
        "linalg.svm_dual",
        "gram, labels, options",
        "The dual variables α [..., n, ways] of the multi-class support vector machine of Crammer and Singer (JMLR \
         2001), as in MetaOptNet (Lee et al. 2019): min ½ Σ_c α_cᵀ K α_c − Σ_i α_{i,y_i} with α_ic ≤ C where c = y_i, \
         else 0, and Σ_c α_ic = 0; for the Gram matrix K [..., n, n] of the support rows and their labels, int [..., \
         n] from 1. The gradient by K is implicit. Needs memory for a few matrices of the size of α and of K.",
        |gram: Tensor, labels: Tensor, options: SvmDualOptions| {
            gram.svm_dual(&position::from_lua("svm_dual", &labels)?, options.ways, options.solver)
        },
    )
    .example(
        r"local support = mb.tensor { { 1.0, 0.0 }, { 0.0, 1.0 } }
local alpha = mb.linalg.svm_dual(support:matmul(support:t()), mb.tensor { 1, 2 }, { ways = 2 })
local query = mb.tensor { { 0.9, 0.2 } }
print(query:matmul(support:t()):matmul(alpha):argmax():item()) --> 1",
    );
}
