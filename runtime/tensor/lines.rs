//! Values on the host as lines along a dim.

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
    pub fn map<T: Copy, U: Copy + Default>(
        self,
        values: &[T],
        to: usize,
        mut make: impl FnMut(&[T], &mut [U]),
    ) -> Vec<U> {
        let mut made = vec![U::default(); self.count * to];
        let mut line: Vec<T> = Vec::with_capacity(self.along);
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
        made
    }
}
