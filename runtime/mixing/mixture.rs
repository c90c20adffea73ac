//! How an image and its partner become one.

use std::ops::Range;

use crate::{Result, Tensor, rng::Draws};

/// How an image and its partner become one. λ is the share of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Mixture {
    /// MixUp: λ of its own pixels, and 1 − λ of the partner's.
    Average(f64),
    /// CutMix: the partner's pixels in a box, its own around it.
    Paste {
        /// From top to bottom.
        rows: Range<usize>,
        /// From left to right.
        columns: Range<usize>,
        /// Height and width of an image.
        size: [usize; 2],
    },
}

impl Mixture {
    /// A box that leaves `weight` of an image of a size, around a random pixel. It is clipped to the image, so that more
    /// may be left.
    pub fn paste(weight: f64, size: [usize; 2], draws: &mut Draws) -> Self {
        let share = (1.0 - weight).sqrt();
        let mut side = |size: usize| {
            let (half, middle) = ((0.5 * share * size as f64) as usize, draws.below(size as u32) as usize);
            middle.saturating_sub(half)..(middle + half).min(size)
        };
        Self::Paste { rows: side(size[0]), columns: side(size[1]), size }
    }

    /// λ.
    pub fn weight(&self) -> f64 {
        match self {
            Self::Average(weight) => *weight,
            Self::Paste { rows, columns, size } => {
                1.0 - (rows.len() * columns.len()) as f64 / (size[0] * size[1]) as f64
            }
        }
    }

    /// Images `[N, C, H, W]` beside their partners, row by row. One that is its own partner stays as it is.
    ///
    /// # Errors
    /// Shapes or dtypes that differ; images of another size than the box was drawn for.
    pub fn of(&self, own: &Tensor, partners: &Tensor) -> Result<Tensor> {
        match self {
            Self::Average(weight) => average(own, partners, *weight),
            Self::Paste { rows, columns, size: [height, width] } => {
                let inside = |pixel: usize| rows.contains(&(pixel / width)) && columns.contains(&(pixel % width));
                let mask = (0..height * width).map(inside).collect();
                let mask = Tensor::from_bools(mask, &[1, 1, *height, *width], own.device())?;
                Tensor::select_where(&mask, partners, own)
            }
        }
    }

    /// What holds of images and their partners, such as rows of one 1 at the class: λ of the one, 1 − λ of the other.
    ///
    /// # Errors
    /// Shapes or dtypes that differ.
    pub fn of_targets(&self, own: &Tensor, partners: &Tensor) -> Result<Tensor> {
        average(own, partners, self.weight())
    }
}

fn average(own: &Tensor, partners: &Tensor, weight: f64) -> Result<Tensor> {
    // Where the two are equal, rounding must not touch them.
    own.add(&partners.sub(own)?.mul_scalar(1.0 - weight)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn a_box_is_clipped_and_its_weight_is_what_it_leaves() {
        let mut draws = Stream::new(3, "boxes").at(0, 0, 0, 0);
        let mut clipped = 0;
        for _ in 0..2000 {
            let weight = f64::from(draws.uniform());
            let Mixture::Paste { rows, columns, size } = Mixture::paste(weight, [7, 12], &mut draws) else {
                panic!("no box");
            };
            assert!(rows.end <= 7 && columns.end <= 12 && rows.start <= rows.end && columns.start <= columns.end);
            let left = Mixture::Paste { rows, columns, size }.weight();
            // Half sides are rounded down.
            assert!(left >= weight - 1e-12, "{left} of {weight}");
            clipped += usize::from(left > weight + 0.2);
        }
        assert!(clipped > 100, "{clipped}");
    }

    #[test]
    fn the_middle_of_a_box_is_uniform() {
        let mut draws = Stream::new(4, "middles").at(0, 0, 0, 0);
        let mut counts = [0i32; 5];
        for _ in 0..5000 {
            // Half a side is one pixel, so that where the box ends tells its middle.
            let Mixture::Paste { columns, .. } = Mixture::paste(0.84, [5, 5], &mut draws) else { panic!("no box") };
            counts[columns.end - 1] += 1;
        }
        assert!(counts.iter().all(|count| (count - 1000).abs() < 120), "{counts:?}");
    }
}
