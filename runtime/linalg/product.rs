//! Matrix products of slices, by the crate `gemm`, on the calling thread.

use std::ops::Range;

use gemm::Parallelism;

/// What matrices are made of here.
pub(crate) trait Real: Copy + 'static {
    const ONE: Self;
}

impl Real for f32 {
    const ONE: Self = 1.0;
}

impl Real for f64 {
    const ONE: Self = 1.0;
}

/// A matrix in a slice.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    values: &'a [T],
    size: [usize; 2],
    /// From one row to the next, and from one column to the next.
    stride: [usize; 2],
}

impl<'a, T> Matrix<'a, T> {
    /// Rows one after another.
    pub fn rows(values: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix fills its slice");
        Self { values, size: [rows, columns], stride: [columns, 1] }
    }

    /// From the first value on, with the given distances from one row to the next, and from one column to the next.
    pub fn strided(values: &'a [T], size: [usize; 2], stride: [usize; 2]) -> Self {
        Self { values, size, stride }
    }

    pub fn columns(&self) -> usize {
        self.size[1]
    }

    pub fn transposed(self) -> Self {
        let ([rows, columns], [down, across]) = (self.size, self.stride);
        Self { size: [columns, rows], stride: [across, down], ..self }
    }

    /// The part in the given rows and columns.
    pub fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(rows.end <= self.size[0] && columns.end <= self.size[1], "a part lies inside its matrix");
        let start = rows.start * self.stride[0] + columns.start * self.stride[1];
        let values = self.values.get(start..).unwrap_or_default();
        Self { values, size: [rows.len(), columns.len()], stride: self.stride }
    }

    fn lies_inside(&self) -> bool {
        lies_inside(self.values.len(), self.size, self.stride)
    }
}

/// A matrix to be written, its rows one after another at a distance.
pub(crate) struct MatrixMut<'a, T> {
    values: &'a mut [T],
    size: [usize; 2],
    stride: usize,
}

impl<'a, T> MatrixMut<'a, T> {
    /// Rows one after another.
    pub fn rows(values: &'a mut [T], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix fills its slice");
        Self { values, size: [rows, columns], stride: columns }
    }

    /// The part in the given rows and columns.
    pub fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(rows.end <= self.size[0] && columns.end <= self.size[1], "a part lies inside its matrix");
        let start = rows.start * self.stride + columns.start;
        let values = self.values.get_mut(start..).unwrap_or_default();
        Self { values, size: [rows.len(), columns.len()], stride: self.stride }
    }
}

fn lies_inside(len: usize, [rows, columns]: [usize; 2], [down, across]: [usize; 2]) -> bool {
    rows == 0 || columns == 0 || (rows - 1) * down + (columns - 1) * across < len
}

/// `target = factor · left · right`, or with `add` the sum of the two.
pub(crate) fn product<T: Real>(target: MatrixMut<T>, left: Matrix<T>, right: Matrix<T>, factor: T, add: bool) {
    let ([rows, inner], [inner_right, columns]) = (left.size, right.size);
    assert!(inner == inner_right && target.size == [rows, columns], "the sizes of a product agree");
    let fits = lies_inside(target.values.len(), target.size, [target.stride, 1]);
    assert!(fits && left.lies_inside() && right.lies_inside(), "a matrix lies inside its slice");
    // SAFETY: the three matrices lie inside their slices, as asserted above, and the target is borrowed mutably, so it
    // overlaps neither operand.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            target.values.as_mut_ptr(),
            1,
            target.stride as isize,
            add,
            left.values.as_ptr(),
            left.stride[1] as isize,
            left.stride[0] as isize,
            right.values.as_ptr(),
            right.stride[1] as isize,
            right.stride[0] as isize,
            T::ONE,
            factor,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_transposes_multiply_as_written_out() {
        let left: Vec<f64> = (0..12).map(f64::from).collect();
        let right: Vec<f64> = (0..20).map(|x| f64::from(x) - 7.0).collect();
        let mut target = vec![1.0; 30];
        // A 2 × 3 part of a 5 × 6 target: rows 1 and 2 of the 3 × 4 left times columns 1 to 3 of the 4 × 5 right.
        product(
            MatrixMut::rows(&mut target, 5, 6).part(2..4, 1..4),
            Matrix::rows(&left, 3, 4).part(1..3, 0..4),
            Matrix::rows(&right, 4, 5).part(0..4, 1..4),
            -1.0,
            true,
        );
        for row in 0..5 {
            for column in 0..6 {
                let inside = (2..4).contains(&row) && (1..4).contains(&column);
                let sum: f64 =
                    if inside { (0..4).map(|k| left[(row - 1) * 4 + k] * right[k * 5 + column]).sum() } else { 0.0 };
                assert_eq!(target[row * 6 + column], 1.0 - sum, "at {row}, {column}");
            }
        }
        let mut gram = vec![0.0; 16];
        let rows = Matrix::rows(&left, 3, 4);
        product(MatrixMut::rows(&mut gram, 4, 4), rows.transposed(), rows, 1.0, false);
        assert_eq!(gram[6], (0..3).map(|k| left[k * 4 + 1] * left[k * 4 + 2]).sum::<f64>());
    }
}
