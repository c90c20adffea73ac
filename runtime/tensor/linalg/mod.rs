//! Linear algebra with gradients of any order: products, factorisations, solutions, norms. Batches of matrices stand in
//! leading dims. Factorisations are computed in float64 on the host, matrix by matrix (`crate::linalg`), by whatever
//! device; their gradients are rules of tensor operations.

mod batch;
mod cholesky;
mod cosine;
mod determinant;
mod distances;
mod eigen;
mod inverse;
mod matrix_norm;
mod parts;
mod power;
mod products;
mod pseudoinverse;
mod qr;
mod rank;
mod rule;
mod solve;
mod svd;
mod triangular;
mod vector_norm;

pub use matrix_norm::MatrixNorm;
pub use triangular::Triangular;
