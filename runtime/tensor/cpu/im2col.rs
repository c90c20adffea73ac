//! A convolution's patches as the columns of a matrix, and back: `[C·h·w, columns]`, where a column is one position
//! of the kernel over one image.

use std::ops::Range;

/// The sizes of a convolution without groups.
#[derive(Clone, Copy, Debug)]
pub(in crate::tensor) struct Geometry {
    pub images: usize,
    pub channels: usize,
    /// Of an image: height, width.
    pub size: [usize; 2],
    pub outputs: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    /// Pixels from one row or column of the kernel to the next.
    pub dilation: [usize; 2],
    /// Of the result: height, width.
    pub out: [usize; 2],
}

impl Geometry {
    /// Rows of the patch matrix.
    pub fn depth(&self) -> usize {
        self.channels * self.kernel[0] * self.kernel[1]
    }

    /// Kernel positions per image.
    pub fn positions(&self) -> usize {
        self.out[0] * self.out[1]
    }

    /// Floats per image.
    pub fn image(&self) -> usize {
        self.channels * self.size[0] * self.size[1]
    }

    /// Columns of the patch matrix of output rows of some images.
    pub fn columns(&self, images: usize, rows: &Range<usize>) -> usize {
        images * rows.len() * self.out[1]
    }

    /// Calls `visit(position in columns, position in images, count)` for every run of the patch matrix that lies
    /// inside an image: `count` columns side by side, whose pixels are a stride apart.
    fn runs(&self, images: usize, rows: &Range<usize>, mut visit: impl FnMut(usize, usize, usize)) {
        let columns = self.columns(images, rows);
        let [tall, wide] = self.dilation;
        let ([height, width], [down, across], [top, left]) = (self.size, self.stride, self.padding);
        for channel in 0..self.channels {
            for y in 0..self.kernel[0] {
                for x in 0..self.kernel[1] {
                    let row = ((channel * self.kernel[0] + y) * self.kernel[1] + x) * columns;
                    let (y, x) = (y * tall, x * wide);
                    let first = left.saturating_sub(x).div_ceil(across).min(self.out[1]);
                    let end = (width + left).saturating_sub(x).div_ceil(across).min(self.out[1]).max(first);
                    for image in 0..images {
                        for (line, out_y) in rows.clone().enumerate() {
                            let Some(in_y) = (out_y * down + y).checked_sub(top).filter(|in_y| *in_y < height) else {
                                continue;
                            };
                            if first == end {
                                continue;
                            }
                            let source =
                                ((image * self.channels + channel) * height + in_y) * width + first * across + x - left;
                            visit(row + (image * rows.len() + line) * self.out[1] + first, source, end - first);
                        }
                    }
                }
            }
        }
    }

    /// Writes the patches of output rows of some images; what lies outside an image is 0.
    pub fn gather(&self, images: &[f32], rows: &Range<usize>, columns: &mut Vec<f32>) {
        let count = images.len() / self.image();
        columns.clear();
        columns.resize(self.depth() * self.columns(count, rows), 0.0);
        let stride = self.stride[1];
        self.runs(count, rows, |column, pixel, length| {
            let target = &mut columns[column..column + length];
            if stride == 1 {
                target.copy_from_slice(&images[pixel..pixel + length]);
            } else {
                target
                    .iter_mut()
                    .zip(images[pixel..].iter().step_by(stride))
                    .for_each(|(target, value)| *target = *value);
            }
        });
    }

    /// Adds patches to the pixels that they were gathered from.
    pub fn scatter(&self, columns: &[f32], rows: &Range<usize>, images: &mut [f32]) {
        let count = images.len() / self.image();
        let stride = self.stride[1];
        self.runs(count, rows, |column, pixel, length| {
            let source = &columns[column..column + length];
            if stride == 1 {
                images[pixel..pixel + length].iter_mut().zip(source).for_each(|(target, value)| *target += value);
            } else {
                images[pixel..].iter_mut().step_by(stride).zip(source).for_each(|(target, value)| *target += value);
            }
        });
    }
}
