//! Norms of vectors and of matrices, and what is said by singular values.

use mlua::{Lua, Value};

use crate::{
    Result, Tensor,
    lua::{
        api::{Api, Argument, Docs, mismatch},
        position::Dim,
    },
    options::options,
    tensor::MatrixNorm,
};

options! {
    /// Options of `mb.linalg.vector_norm`.
    pub struct VectorNormOptions {
        /// The order: any number, math.huge and -math.huge included.
        pub ord: f64 = 2.0;
        /// The dim; all elements without one.
        pub dim: Option<Dim> = None;
        /// Whether the dim stays, with size 1.
        pub keep: bool = false;
    }

    /// Options of `mb.linalg.matrix_norm`.
    pub struct MatrixNormOptions {
        /// "fro"; "nuc", the sum of the singular values; 2 or -2, the largest or the smallest of them; 1 or -1, the
        /// largest or smallest sum of |a| in a column; math.huge or -math.huge, in a row.
        pub ord: MatrixNorm = MatrixNorm::Fro;
        /// Whether the last two dims stay, with size 1.
        pub keep: bool = false;
    }

    /// Options of `mb.linalg.cond`.
    pub struct CondOptions {
        /// The norm, as in matrix_norm; 2 by default.
        pub ord: Option<MatrixNorm> = None;
    }

    /// Options of `mb.linalg.matrix_rank`.
    pub struct MatrixRankOptions {
        /// Singular values of at most this times the largest count as 0. By default max(n, m) · 2⁻²³.
        pub rcond: Option<f64> = None, in 0.0..;
    }
}

impl Argument for MatrixNorm {
    fn kind(_: &mut Docs) -> String {
        r#""fro"|"nuc"|number"#.into()
    }

    fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
        let known = match &value {
            Value::String(text) if text.as_bytes() == b"fro".as_slice() => Some(Self::Fro),
            Value::String(text) if text.as_bytes() == b"nuc".as_slice() => Some(Self::Nuc),
            Value::Integer(number) => Self::of_number(*number as f64),
            Value::Number(number) => Self::of_number(*number),
            _ => None,
        };
        let want = r#""fro", "nuc", 2, -2, 1, -1, math.huge or -math.huge"#;
        known.ok_or_else(|| mismatch(op, name, want, &value))
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "linalg.vector_norm",
        "x, options",
        "(Σ |x|ᵖ)^(1/p), of order 2 by default, over all elements or over a dim. The gradient is 0 where x is 0; of \
         equal extremes each has an equal share.",
        |x: Tensor, options: VectorNormOptions| {
            let dim = options.dim.map(|dim| dim.of("vector_norm", x.rank())).transpose()?;
            x.vector_norm(options.ord, dim, options.keep)
        },
    )
    .example(
        r"local x = mb.tensor { { 3.0, -4.0 }, { 0.0, 2.0 } }
print(mb.linalg.vector_norm(x, { ord = math.huge, dim = 2 }))
--> tensor [2] float32 on cpu
--> [4.0000, 2.0000]",
    );
    api.function(
        "linalg.matrix_norm",
        "a, options",
        "The norms [...] of matrices [..., n, m], Frobenius's by default. Those of singular values on the host, in \
         float64.",
        |a: Tensor, options: MatrixNormOptions| a.matrix_norm(options.ord, options.keep),
    )
    .example(
        r#"local a = mb.tensor { { 0.0, 3.0 }, { 4.0, 0.0 } }
print(mb.linalg.matrix_norm(a):item(), mb.linalg.matrix_norm(a, { ord = "nuc" }):item()) --> 5.0 7.0"#,
    );
    api.function(
        "linalg.cond",
        "a, options",
        "The condition numbers [...] of matrices [..., n, n]: ‖A‖ ‖A⁻¹‖ in the spectral norm by default, which takes \
         matrices [..., n, m] too. On the host, in float64.",
        |a: Tensor, options: CondOptions| a.cond(options.ord.unwrap_or(MatrixNorm::Largest)),
    )
    .example(r"print(mb.linalg.cond(mb.tensor { { 0.0, 2.0 }, { 8.0, 0.0 } }):item()) --> 4.0");
    api.function(
        "linalg.matrix_rank",
        "a, options",
        "How many singular values of matrices [..., n, m] count as more than 0: int [...]. On the host, in float64.",
        |a: Tensor, options: MatrixRankOptions| a.matrix_rank(options.rcond),
    )
    .example(r"print(mb.linalg.matrix_rank(mb.ones(3, 5)):item()) --> 1");
}
