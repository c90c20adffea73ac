//! The matrices of a tensor on the host, in float64.

use rayon::prelude::*;

use crate::{Error, Result, Tensor, memory, position::number};

/// Finite matrices `[..., rows, columns]`.
pub(super) struct Batch {
    op: &'static str,
    lead: Vec<usize>,
    pub rows: usize,
    pub columns: usize,
    values: Vec<f64>,
}

impl Batch {
    /// Reads them from the device.
    ///
    /// # Errors
    /// A tensor that is not float or has no 2 dims; NaN or an infinity, with the number of its matrix; no room.
    pub fn read(op: &'static str, tensor: &Tensor) -> Result<Self> {
        tensor.want_computed(op)?;
        let [lead @ .., rows, columns] = tensor.shape() else {
            let want = "it wants matrices [..., n, m]".into();
            return Err(Error::Shape { op: op.into(), want, got: tensor.shape().to_vec() });
        };
        // What is read, in float64, and what is made of it.
        memory::check_room(op, tensor.len() * 3 * size_of::<f64>())?;
        let values = tensor.doubles()?;
        if let Some(position) = values.iter().position(|value| !value.is_finite()) {
            let reason = format!("matrix {} is not finite", number(position / (rows * columns)));
            return Err(Error::State { op, reason });
        }
        Ok(Self { op, lead: lead.to_vec(), rows: *rows, columns: *columns, values })
    }

    /// As [`Batch::read`], of square matrices.
    ///
    /// # Errors
    /// As [`Batch::read`]; matrices that are not square.
    pub fn square(op: &'static str, tensor: &Tensor) -> Result<Self> {
        want_square(op, tensor)?;
        Self::read(op, tensor)
    }

    /// One of them, in rows.
    pub fn matrix(&self, number: usize) -> &[f64] {
        let size = self.rows * self.columns;
        &self.values[number * size..][..size]
    }

    /// What a function makes of each, by its number, on all cores. Each is one thread's own, so that their number
    /// changes nothing.
    ///
    /// # Errors
    /// The first matrix that it fails at, in the order of the batch: `matrix 2 …`.
    pub fn map<T: Send>(&self, of: impl Fn(usize, &[f64]) -> Result<T, String> + Sync) -> Result<Vec<T>> {
        let count: usize = self.lead.iter().product();
        let found: Vec<_> = (0..count).into_par_iter().map(|position| of(position, self.matrix(position))).collect();
        let told = found.into_iter().enumerate().map(|(position, found)| {
            let failed = |what| Error::State { op: self.op, reason: format!("matrix {} {what}", number(position)) };
            found.map_err(failed)
        });
        told.collect()
    }

    /// A tensor `[..., tail]` of what each matrix has become, on the device of another one.
    ///
    /// # Errors
    /// No room.
    pub fn tensor(&self, values: Vec<Vec<f64>>, tail: &[usize], like: &Tensor) -> Result<Tensor> {
        Tensor::from_doubles(values.concat(), &[self.lead.as_slice(), tail].concat(), like)
    }
}

/// The size of square matrices `[..., n, n]`.
///
/// # Errors
/// They are not square.
pub(super) fn want_square(op: &'static str, tensor: &Tensor) -> Result<usize> {
    match tensor.shape() {
        [.., rows, columns] if rows == columns => Ok(*rows),
        other => {
            let want = "it wants square matrices [..., n, n]".into();
            Err(Error::Shape { op: op.into(), want, got: other.to_vec() })
        }
    }
}
