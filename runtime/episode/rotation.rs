//! Rotated views, for predicting the rotation as an auxiliary task (Gidaris et al., ICLR 2018).

use super::{Crops, Episode, Rotated};
use crate::{
    Error, Result, Tensor,
    options::{Options, options, over_to},
    rng::{DrawKey, Stream},
};

options! {
    /// How views are turned.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct RotateOptions {
        /// The share of the views that are turned by 0, 90, 180 or 270 degrees.
        pub fraction: f64 = 1.0, in over_to(0.0, 1.0);
    }
}

impl Episode {
    /// Turns a share of all views, support, queries and crops alike, each by a random number of quarters counter-clockwise,
    /// 0 included. At least one view is chosen. The draws are keyed by `key`.
    ///
    /// # Errors
    /// A fraction that is not over 0 and at most 1; images that are not square; views that are rotated already.
    pub fn rotate_views(&self, options: RotateOptions, stream: &Stream, key: DrawKey) -> Result<Self> {
        const OP: &str = "rotate_views";
        options.check(OP)?;
        if self.rotated.is_some() {
            return Err(Error::State { op: OP, reason: "the views are rotated already".into() });
        }
        let crops = self.crops.as_ref().map(|crops| &crops.images);
        for images in std::iter::once(&self.images).chain(crops) {
            let shape = images.shape();
            if shape[2] != shape[3] {
                let want = "wants square images".into();
                return Err(Error::Shape { op: OP.into(), want, got: shape.to_vec() });
            }
        }
        let count = self.rows();
        let chosen = ((options.fraction * count as f64).round() as usize).clamp(1, count);
        let mut draws = stream.at(key.step, key.call, 0, 0);
        let mut order: Vec<usize> = (0..count).collect();
        draws.choose(&mut order, chosen);
        order.truncate(chosen);
        order.sort_unstable();
        let turns: Vec<u8> = order.iter().map(|_| draws.below(4) as u8).collect();
        let mut by_row = vec![0; count];
        order.iter().zip(&turns).for_each(|(row, turn)| by_row[*row] = *turn);
        let device = self.images.device();
        let ints = |values: Vec<i32>| Tensor::from_ints(values, &[chosen], device);
        let rotated = Rotated {
            rows: ints(order.iter().map(|row| *row as i32).collect())?,
            turns: ints(turns.iter().map(|turn| i32::from(*turn)).collect())?,
        };
        let (large, small) = by_row.split_at(self.images.shape()[0]);
        let small = |crops: &Crops| Ok(Crops { images: turned(&crops.images, small)?, views: crops.views });
        Ok(Self {
            images: turned(&self.images, large)?,
            crops: self.crops.as_ref().map(small).transpose()?,
            rotated: Some(rotated),
            ..self.clone()
        })
    }
}

/// Square images `[N, 3, S, S]`, each turned by its number of quarters counter-clockwise.
fn turned(images: &Tensor, turns: &[u8]) -> Result<Tensor> {
    let mut order = Vec::with_capacity(turns.len());
    let mut groups = Vec::new();
    for turn in 0..4 {
        let rows: Vec<i32> = (0..turns.len()).filter(|row| turns[*row] == turn).map(|row| row as i32).collect();
        if rows.is_empty() {
            continue;
        }
        let group = images.select(0, &Tensor::from_ints(rows.clone(), &[rows.len()], images.device())?)?;
        groups.push(match turn {
            0 => group,
            1 => group.transpose(2, 3)?.flip(2)?,
            2 => group.flip(2)?.flip(3)?,
            _ => group.transpose(2, 3)?.flip(3)?,
        });
        order.extend(rows);
    }
    let mut back = vec![0; turns.len()];
    order.iter().enumerate().for_each(|(place, row)| back[*row as usize] = place as i32);
    Tensor::cat(&groups, 0)?.select(0, &Tensor::from_ints(back, &[turns.len()], images.device())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn images_turn_as_pytorchs_rot90_does() {
        // torch.rot90(torch.arange(4.).view(2, 2), k)
        let wanted = [[0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 0.0, 2.0], [3.0, 2.0, 1.0, 0.0], [2.0, 0.0, 3.0, 1.0]];
        let one: Vec<f32> = (0..12).map(|i| (i % 4) as f32).collect();
        let images = Tensor::from_floats(one.repeat(4), &[4, 3, 2, 2], &Device::cpu()).unwrap();
        let found = turned(&images, &[3, 0, 2, 1]).unwrap().floats().unwrap();
        for (row, turn) in [3, 0, 2, 1].into_iter().enumerate() {
            assert_eq!(found[row * 12 + 8..row * 12 + 12], wanted[turn]);
        }
    }
}
