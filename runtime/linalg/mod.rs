//! Dense linear algebra on slices of the host: matrix products, the Cholesky factorisation, the dual of the multi-class
//! support vector machine. Knows nothing of tensors, tapes or devices.

mod cholesky;
mod product;
mod svm;

pub use cholesky::{Cholesky, NotPositiveDefinite};
pub(crate) use product::{Matrix, MatrixMut, product};
pub use svm::{Svm, SvmSolution};
