//! Values on the host as lines along a dim.

use crate::{Result, memory};

/// Where the lines along a dim lie among values in row-major order.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    count: usize,
    along: usize,
    inner: usize,
}

impl Lines {
    /// Those of a shape along one of its dims.
    pub fn of(shape: &[usize], dim: usize) -> Self {
        let inner = shape[dim + 1..].iter().product::<usize>();
        Self { count: shape[..dim].iter().product::<usize>() * inner, along: shape[dim], inner }
    }

    /// What `make` writes for each line, to one of so many values.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn map<T: Copy, U: Copy + Default>(
        self,
        op: &'static str,
        values: &[T],
        to: usize,
        mut make: impl FnMut(&[T], &mut [U]),
    ) -> Result<Vec<U>> {
        let mut made = memory::list(op, self.count.saturating_mul(to))?;
        made.resize(self.count * to, U::default());
        let mut line: Vec<T> = memory::list(op, self.along)?;
        let mut own = vec![U::default(); to];
        for number in 0..self.count {
            let (outer, inside) = (number / self.inner, number % self.inner);
            let places = |along: usize| (0..along).map(move |step| (outer * along + step) * self.inner + inside);
            line.clear();
            line.extend(places(self.along).map(|place| values[place]));
            own.fill(U::default());
            make(&line, &mut own);
            places(to).zip(&own).for_each(|(place, value)| made[place] = *value);
        }
        Ok(made)
    }
}
