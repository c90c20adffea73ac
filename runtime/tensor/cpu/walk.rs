//! The way through two operands of other strides than the result's: which of their values meet, row by row. Dims that
//! both operands lie along without a break are one dim.

use burn_dispatch::backends::flex::Layout;

/// A dim of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dim {
    pub size: usize,
    /// How far apart values that follow one another along it are in each operand; 0 where it is stretched.
    strides: [isize; 2],
}

impl Dim {
    /// Whether an operand has values of its own along it.
    pub fn steps(self, side: usize) -> bool {
        self.strides[side] != 0
    }
}

/// The way through the result in the order in which it lies.
#[derive(Debug)]
pub(super) struct Walk {
    outer: Vec<Dim>,
    inner: Dim,
    start: [usize; 2],
}

impl Walk {
    /// Over dims of the result, which the operands have too, or have as 1. Along the last one that is not 1 an operand's
    /// values follow one another or are stretched.
    pub fn over(sizes: &[usize], layouts: [&Layout; 2]) -> Self {
        let mut dims: Vec<Dim> = Vec::with_capacity(sizes.len());
        for (place, &size) in sizes.iter().enumerate().filter(|(_, size)| **size != 1) {
            let stride = |layout: &Layout| if layout.shape()[place] == 1 { 0 } else { layout.strides()[place] };
            let strides = layouts.map(stride);
            let along = |side: usize, last: &Dim| last.strides[side] == strides[side] * size as isize;
            match dims.last_mut() {
                Some(last) if along(0, last) && along(1, last) => *last = Dim { size: last.size * size, strides },
                _ => dims.push(Dim { size, strides }),
            }
        }
        let inner = dims.pop().unwrap_or(Dim { size: 1, strides: [0; 2] });
        debug_assert!(inner.strides.iter().all(|stride| matches!(stride, 0 | 1)), "operands were copied where not");
        Self { outer: dims, inner, start: layouts.map(Layout::start_offset) }
    }

    /// The dim that a row lies along.
    pub fn inner(&self) -> Dim {
        self.inner
    }

    /// Where the operands' first values are.
    pub fn start(&self) -> [usize; 2] {
        self.start
    }

    /// Which operand is one row that meets every row of the other, whose rows follow one another, if one is.
    pub fn repeated(&self) -> Option<usize> {
        let [outer] = self.outer[..] else { return None };
        let is_row = |side: usize| {
            let whole = self.inner.size as isize;
            outer.strides == if side == 0 { [0, whole] } else { [whole, 0] } && self.inner.strides == [1, 1]
        };
        (0..2).find(|side| is_row(*side))
    }

    /// Where the rows begin in each operand, from a row of the result on.
    pub fn rows_from(&self, row: usize) -> Rows<'_> {
        let mut rows = Rows { outer: &self.outer, at: [0; MOST], starts: self.start.map(|start| start as isize) };
        let mut rest = row;
        for (place, dim) in self.outer.iter().enumerate().rev() {
            rows.at[place] = rest % dim.size;
            rest /= dim.size;
            rows.step(dim, rows.at[place] as isize);
        }
        rows
    }
}

/// Dims of a tensor, at most.
const MOST: usize = crate::tensor::MAX_RANK;

/// The beginnings of rows.
pub(super) struct Rows<'a> {
    outer: &'a [Dim],
    at: [usize; MOST],
    starts: [isize; 2],
}

impl Rows<'_> {
    #[inline(always)]
    fn step(&mut self, dim: &Dim, count: isize) {
        self.starts[0] += dim.strides[0] * count;
        self.starts[1] += dim.strides[1] * count;
    }
}

impl Iterator for Rows<'_> {
    type Item = [usize; 2];

    #[inline(always)]
    fn next(&mut self) -> Option<[usize; 2]> {
        let found = self.starts.map(|start| start as usize);
        for place in (0..self.outer.len()).rev() {
            let dim = self.outer[place];
            self.at[place] += 1;
            if self.at[place] < dim.size {
                self.step(&dim, 1);
                break;
            }
            self.at[place] = 0;
            self.step(&dim, 1 - dim.size as isize);
        }
        Some(found)
    }
}
