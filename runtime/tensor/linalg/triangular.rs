//! Systems whose matrices are triangles.

use super::{
    batch::{Batch, want_square},
    parts::with_common_lead,
};
use crate::{
    Error, Result, Tensor,
    linalg::{Triangle, solve_triangular},
    options::options,
    position::number,
    tape::record,
};

const OP: &str = "solve_triangular";

options! {
    /// Which triangular system is solved.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Triangular as "SolveTriangularOptions" {
        /// Whether the triangle above the diagonal of a is read, and not the one below.
        pub upper: bool = false;
        /// Whether A X = B is solved, and not X A = B.
        pub left: bool = true;
        /// Whether ones stand for the diagonal, which is not read.
        pub unitriangular: bool = false;
    }
}

impl Tensor {
    /// X with A·X = B, or X·A = B, for the triangle of A `[..., n, n]` and B `[..., n, m]` or `[..., m, n]`; leading dims
    /// broadcast. With G = dL/dX and A·X = B: dL/dB = A⁻ᵀ·G, dL/dA = −(A⁻ᵀ·G)·Xᵀ in the triangle.
    ///
    /// # Errors
    /// Shapes that do not fit; matrices that are not finite; a 0 on the diagonal.
    pub fn solve_triangular(&self, right: &Self, options: Triangular) -> Result<Self> {
        let size = want_square(OP, self)?;
        right.want_computed(OP)?;
        self.want_device(OP, right)?;
        let rank = right.rank();
        if rank < 2 || right.shape()[rank - if options.left { 2 } else { 1 }] != size {
            let shape = if options.left { "[..., n, m]" } else { "[..., m, n]" };
            let rule = format!("it wants [..., n, n] and {shape}");
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: right.shape().to_vec(), rule });
        }
        let [matrix, right] = with_common_lead(OP, self, right)?;
        if options.left {
            return matrix.solved_triangle(&right, options);
        }
        let other = Triangular { upper: !options.upper, left: true, ..options };
        matrix.turned()?.solved_triangle(&right.turned()?, other)?.turned()
    }

    /// A⁻¹·B of equal leading dims.
    fn solved_triangle(&self, right: &Self, options: Triangular) -> Result<Self> {
        let (batch, sides) = (Batch::square(OP, self)?, Batch::read(OP, right)?);
        let (size, columns) = (batch.rows, sides.columns);
        let triangle = Triangle { is_upper: options.upper, is_unit: options.unitriangular };
        let solved = batch.map(|position, matrix| {
            solve_triangular(matrix, size, triangle, sides.matrix(position), columns)
                .map_err(|found| format!("is singular: entry {} of its diagonal is 0", number(found)))
        })?;
        let solved = batch.tensor(solved, &[size, columns], right)?;
        Ok(record(OP, [self, right], solved.clone(), |tape| {
            let (matrix, solved) = (tape.keep(self), tape.keep_output(&solved, 0));
            move |by: Self, step| {
                let turned = Triangular { upper: !options.upper, ..options };
                let by_right = matrix.get(step)?.turned()?.solved_triangle(&by, turned)?;
                let by_matrix = step.of(0, || {
                    let whole = by_right.times(&solved.get(step)?.turned()?)?.neg()?;
                    whole.kept_where(|i, j| match options.unitriangular {
                        true => i != j && (j > i) == options.upper,
                        false => i == j || (j > i) == options.upper,
                    })
                })?;
                Ok([by_matrix, Some(by_right)])
            }
        }))
    }
}
