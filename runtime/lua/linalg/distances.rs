//! Distances between the rows of two matrices.

use crate::{Tensor, lua::api::Api};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "linalg.squared_distances",
        "a, b",
        "‖aᵢ − bⱼ‖² of the rows of [..., n, d] and [..., m, d]: [..., n, m].",
        |a: Tensor, b: Tensor| a.squared_distances(&b),
    )
    .example(
        r"local a, b = mb.tensor { { 0.0, 0.0 } }, mb.tensor { { 3.0, 4.0 }, { 0.0, 1.0 } }
print(mb.linalg.squared_distances(a, b))
--> tensor [1, 2] float32 on cpu
--> [[25.0000, 1.0000]]",
    );
    api.function(
        "linalg.cdist",
        "a, b, p",
        "The distances of the rows of [..., n, d] and [..., m, d] in the norm of order p, 2 by default and math.huge \
         at most: [..., n, m]. Leading dims broadcast. The gradient is 0 where two rows are the same. Another order \
         than 2 takes memory for n · m · d differences. Faster for many wide rows: squared_distances.",
        |a: Tensor, b: Tensor, p: Option<f64>| a.cdist(&b, p.unwrap_or(2.0)),
    )
    .example(
        r"local a, b = mb.tensor { { 0.0, 0.0 } }, mb.tensor { { 3.0, 4.0 }, { 0.0, 1.0 } }
print(mb.linalg.cdist(a, b))
--> tensor [1, 2] float32 on cpu
--> [[5.0000, 1.0000]]
print(mb.linalg.cdist(a, b, 1))
--> tensor [1, 2] float32 on cpu
--> [[7.0000, 1.0000]]",
    );
}
