//! Factorisations of matrices.

use crate::{Tensor, lua::api::Api, options::options};

options! {
    /// Options of `mb.linalg.svd`.
    pub struct SvdOptions {
        /// Whether U and Vh are square: [..., n, n] and [..., m, m]. What is more has no gradient.
        pub full: bool = false;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "linalg.cholesky",
        "a",
        "The lower triangle L of A = L Lᵀ, for symmetric positive definite A [..., n, n], of which the lower triangle \
         is read. A matrix that is not positive definite is an error that names it and the pivot. On the host, in \
         float64.",
        |a: Tensor| a.cholesky(),
    )
    .example(
        r"local a = mb.tensor { { 4.0, 2.0 }, { 2.0, 5.0 } }
print(mb.linalg.cholesky(a))
--> tensor [2, 2] float32 on cpu
--> [[2.0000, 0.0000],
-->  [1.0000, 2.0000]]",
    );
    api.function(
        "linalg.eigh",
        "a",
        "The eigenvalues [..., n], ascending, and the eigenvectors [..., n, n], as columns, of symmetric matrices \
         [..., n, n], of which the lower triangle is read. Through the vectors the gradient is defined for distinct \
         eigenvalues, and for a loss that does not depend on the vectors' signs. On the host, in float64.",
        |a: Tensor| a.eigh(),
    )
    .example(
        r"local values, vectors = mb.linalg.eigh(mb.tensor { { 2.0, 1.0 }, { 1.0, 2.0 } })
print(values)
--> tensor [2] float32 on cpu
--> [1.0000, 3.0000]
print((vectors ^ 2)[1])
--> tensor [2] float32 on cpu
--> [0.5000, 0.5000]",
    );
    api.function(
        "linalg.eigvalsh",
        "a",
        "The eigenvalues [..., n], ascending, of symmetric matrices [..., n, n], of which the lower triangle is read. On \
         the host, in float64.",
        |a: Tensor| a.eigvalsh(),
    )
    .example(r"print(mb.linalg.eigvalsh(mb.eye(3) * 2):sum():item()) --> 6.0");
    api.function(
        "linalg.svd",
        "a, options",
        "U [..., n, k], the singular values S [..., k], descending, and Vh [..., k, m] of matrices [..., n, m], k the \
         smaller of n and m: A = U diag(S) Vh. Through U and Vh the gradient is defined for distinct singular values, \
         over 0 where n and m differ, and for a loss that does not depend on the vectors' signs. On the host, in \
         float64.",
        |a: Tensor, options: SvdOptions| {
            let (left, values, right) = a.svd(options.full)?;
            Ok((left, (values, right)))
        },
    )
    .example(
        r"local u, s, vh = mb.linalg.svd(mb.tensor { { 0.0, 2.0 }, { 3.0, 0.0 }, { 0.0, 0.0 } })
print(s)
--> tensor [2] float32 on cpu
--> [3.0000, 2.0000]
print(#u, u.shape[2], #vh, vh.shape[2]) --> 3 2 2 2",
    );
    api.function(
        "linalg.svdvals",
        "a",
        "The singular values [..., k], descending, of matrices [..., n, m], k the smaller of n and m. On the host, in \
         float64.",
        |a: Tensor| a.svdvals(),
    )
    .example(
        r"print(mb.linalg.svdvals(mb.tensor { { 0.0, 2.0 }, { 3.0, 0.0 } }))
--> tensor [2] float32 on cpu
--> [3.0000, 2.0000]",
    );
    api.function(
        "linalg.qr",
        "a",
        "Q [..., n, k], with orthonormal columns, and R [..., k, m], zeros below the diagonal, of matrices [..., n, m], k \
         the smaller of n and m: A = Q R. R's diagonal may be negative, as LAPACK's. The gradient is defined where the \
         first k columns are independent. On the host, in float64.",
        |a: Tensor| a.qr(),
    )
    .example(
        r"local q, r = mb.linalg.qr(mb.tensor { { 3.0, 1.0 }, { 4.0, 3.0 } })
print(r)
--> tensor [2, 2] float32 on cpu
--> [[-5.0000, -3.0000],
-->  [0.0000, 1.0000]]",
    );
}
