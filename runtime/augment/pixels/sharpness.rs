//! Sharpening and softening.

use super::{super::Size, wide::wide};

/// The weights of a smoothed pixel's neighbours, and of itself.
const NEIGHBOUR: f32 = 1.0 / 13.0;
const MIDDLE: f32 = 5.0 / 13.0;

wide! {
    /// A plane blended with its smoothed self: `clamp(factor * x + (1 - factor) * smooth(x))`; the pixels at the edges stay,
    /// and so does a plane of at most two rows or columns (`torchvision.transforms.v2.functional.adjust_sharpness`).
    /// `before` is written over.
    pub fn adjust_sharpness(plane: &mut [f32], size: Size, factor: f32, before: &mut Vec<f32>) {
        let (height, width) = size;
        if height <= 2 || width <= 2 {
            return;
        }
        before.clear();
        before.extend_from_slice(plane);
        for row in 1..height - 1 {
            let [above, middle, below] = [row - 1, row, row + 1].map(|row| &before[row * width..][..width]);
            let out = &mut plane[row * width + 1..(row + 1) * width - 1];
            let inner = out.len();
            // Nine slices of one length, so that no index is checked in the loop.
            let [[a, b, c], [d, e, f], [g, h, i]] = [above, middle, below].map(|row| [0, 1, 2].map(|from| &row[from..][..inner]));
            for (column, out) in out.iter_mut().enumerate() {
                let around = a[column] + b[column] + c[column] + d[column] + f[column] + g[column] + h[column] + i[column];
                let smooth = around * NEIGHBOUR + e[column] * MIDDLE;
                *out = e[column] + (1.0 - factor) * (smooth - e[column]);
            }
        }
        plane.iter_mut().for_each(|x| *x = x.clamp(0.0, 1.0));
    }
}
