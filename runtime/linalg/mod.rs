//! Dense linear algebra on slices of the host: matrix products, factorisations, triangular systems, distances, the dual
//! of the multi-class support vector machine. One matrix at a time, in one thread. Knows nothing of tensors, tapes or
//! devices.

mod cholesky;
mod cofactors;
mod convergence;
mod distances;
mod eigen;
mod lu;
mod product;
mod qr;
mod rows;
mod singular;
mod svm;
mod triangular;

pub use cholesky::{Cholesky, NotPositiveDefinite};
pub use cofactors::cofactors;
pub use convergence::NoConvergence;
pub use distances::distance;
pub use eigen::{eigen, eigenvalues};
pub use lu::{Lu, Singular};
pub(crate) use product::{Matrix, MatrixMut, product};
pub use qr::qr;
pub use singular::{Svd, least_squares, pseudoinverse, singular_values};
pub use svm::{Svm, SvmSolution};
pub use triangular::{Triangle, solve_triangular};
