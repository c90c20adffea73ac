//! Systems of equations, inverses and determinants.

use crate::{Tensor, lua::api::Api, options::options, tensor::Triangular};

options! {
    /// Options of `mb.linalg.pinv`.
    pub struct PinvOptions {
        /// Singular values of at most this times the largest count as 0. By default max(n, m) · 2⁻²³.
        pub rcond: Option<f64> = None, in 0.0..;
    }

    /// Options of `mb.linalg.lstsq`.
    pub struct LstsqOptions {
        /// Singular values of at most this times the largest count as 0. By default max(n, m) · 2⁻²³.
        pub rcond: Option<f64> = None, in 0.0..;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "linalg.solve_triangular",
        "a, b, options",
        "X with A X = B for triangles A [..., n, n], the lower one by default, and B [..., n, m]; leading dims \
         broadcast. A 0 on the diagonal is an error. On the host, in float64.",
        |a: Tensor, b: Tensor, options: Triangular| a.solve_triangular(&b, options),
    )
    .example(
        r"local a = mb.tensor { { 2.0, 0.0 }, { 1.0, 4.0 } }
print(mb.linalg.solve_triangular(a, mb.tensor { { 2.0 }, { 9.0 } }))
--> tensor [2, 1] float32 on cpu
--> [[1.0000],
-->  [2.0000]]",
    );
    api.function(
        "linalg.solve",
        "a, b",
        "X with A X = B for A [..., n, n] and B [..., n, m], or vectors [..., n]; leading dims broadcast. A singular \
         matrix is an error that names it. On the host, in float64.",
        |a: Tensor, b: Tensor| a.solve(&b),
    )
    .example(
        r"local a = mb.tensor { { 0.0, 2.0 }, { 4.0, 0.0 } }
print(mb.linalg.solve(a, mb.tensor { 2.0, 8.0 }))
--> tensor [2] float32 on cpu
--> [2.0000, 1.0000]",
    );
    api.function(
        "linalg.inv",
        "a",
        "The inverse of matrices [..., n, n]. A singular matrix is an error that names it. On the host, in float64.",
        |a: Tensor| a.inverse(),
    )
    .example(
        r"print(mb.linalg.inv(mb.tensor { { 0.0, 2.0 }, { 4.0, 0.0 } }))
--> tensor [2, 2] float32 on cpu
--> [[0.0000, 0.2500],
-->  [0.5000, 0.0000]]",
    );
    api.function(
        "linalg.pinv",
        "a, options",
        "The pseudoinverse [..., m, n] of matrices [..., n, m]. The gradient is that of a rank that stays. On the host, \
         in float64.",
        |a: Tensor, options: PinvOptions| a.pinv(options.rcond),
    )
    .example(
        r"print(mb.linalg.pinv(mb.tensor { { 2.0, 0.0, 0.0 }, { 0.0, 4.0, 0.0 } }))
--> tensor [3, 2] float32 on cpu
--> [[0.5000, 0.0000],
-->  [0.0000, 0.2500],
-->  [0.0000, 0.0000]]",
    );
    api.function(
        "linalg.lstsq",
        "a, b, options",
        "The X of least norm that makes ‖A X − B‖ least, for A [..., n, m] and B [..., n, k], or vectors [..., n]; \
         leading dims broadcast. On the host, in float64.",
        |a: Tensor, b: Tensor, options: LstsqOptions| a.lstsq(&b, options.rcond),
    )
    .example(
        r"local a = mb.tensor { { 1.0, 0.0 }, { 1.0, 1.0 }, { 1.0, 2.0 } }
print(mb.linalg.lstsq(a, mb.tensor { 1.0, 3.0, 5.0 }))
--> tensor [2] float32 on cpu
--> [1.0000, 2.0000]",
    );
    api.function(
        "linalg.det",
        "a",
        "The determinants [...] of matrices [..., n, n], with the gradient of singular ones, too. On the host, in \
         float64.",
        |a: Tensor| a.det(),
    )
    .example(r"print(mb.linalg.det(mb.tensor { { 0.0, 2.0 }, { 4.0, 0.0 } }):item()) --> -8.0");
    api.function(
        "linalg.slogdet",
        "a",
        "The signs -1, 0 or 1 of the determinants of matrices [..., n, n], and ln |det A|, -inf of a singular one: both \
         [...]. On the host, in float64.",
        |a: Tensor| a.slogdet(),
    )
    .example(
        r"local sign, log = mb.linalg.slogdet(mb.eye(3) * -1)
print(sign:item(), log:item()) --> -1.0 0.0",
    );
    api.function(
        "linalg.matrix_power",
        "a, n",
        "The n-th power of matrices [..., n, n]; below 0, of the inverse, on the host, in float64.",
        |a: Tensor, n: i64| a.matrix_power(n),
    )
    .example(
        r"print(mb.linalg.matrix_power(mb.tensor { { 1.0, 1.0 }, { 0.0, 1.0 } }, 5))
--> tensor [2, 2] float32 on cpu
--> [[1.0000, 5.0000],
-->  [0.0000, 1.0000]]",
    );
}
