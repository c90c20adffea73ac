//! Mixed queries: MixUp (Zhang et al., ICLR 2018) or CutMix (Yun et al., ICCV 2019) between the queries of a task. The
//! support stays as it is. A loss is then λ·ℓ(own) + (1 − λ)·ℓ(partner).

use super::{Episode, Mixing};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
    rng::{DrawKey, Draws, Stream},
};

options! {
    /// How queries are mixed.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct MixOptions {
        /// The probability that boxes are pasted (CutMix) instead of images averaged (MixUp).
        pub cutmix: f64 = 0.5, in 0.0..=1.0;
    }
}

impl Episode {
    /// Mixes each query with that of a random permutation of its task's queries, λ ~ Beta(1, 1) for all. With
    /// probability `cutmix` the partner's pixels fill a box (of area 1 − λ before it is clipped to the image; λ is then
    /// what is left), else the two images are averaged with weights λ and 1 − λ. The draws are keyed by `key`.
    ///
    /// # Errors
    /// A probability outside 0 to 1; queries that are mixed already, or views that were rotated before.
    pub fn mix_queries(&self, options: MixOptions, stream: &Stream, key: DrawKey) -> Result<Self> {
        const OP: &str = "mix_queries";
        options.check(OP)?;
        if self.mixing.is_some() || self.rotated.is_some() {
            let what =
                if self.mixing.is_some() { "the queries are mixed already" } else { "mix before rotating views" };
            return Err(Error::State { op: OP, reason: what.into() });
        }
        let (support, query) = (self.support_rows(), self.query_rows());
        let mut draws = stream.at(key.step, key.call, 0, 0);
        let partners: Vec<Vec<usize>> = (0..self.tasks).map(|_| shuffled(query, &mut draws)).collect();
        let rows = self.positions(|task, row| match row.checked_sub(support) {
            Some(row) => task * (support + query) + support + partners[task][row],
            None => task * (support + query) + row,
        })?;
        let partner = self.images.select(0, &rows)?;
        let drawn = f64::from(draws.uniform());
        let (images, weight) = if draws.chance(options.cutmix as f32) {
            let (mask, weight) = self.cut(1.0 - drawn, &mut draws)?;
            (Tensor::select_where(&mask, &partner, &self.images)?, weight)
        } else {
            // A support row is its own partner; rounding must not touch it.
            (self.images.add(&partner.sub(&self.images)?.mul_scalar(1.0 - drawn)?)?, drawn)
        };
        Ok(Self { images, mixing: Some(Mixing { weight, partners }), ..self.clone() })
    }

    /// A box of a share of the image's area around a random point, clipped: bool [1, 1, H, W], and what it leaves.
    fn cut(&self, area: f64, draws: &mut Draws) -> Result<(Tensor, f64)> {
        let &[_, _, height, width] = self.images.shape() else {
            return Err(Error::Shape {
                op: "mix_queries".into(),
                want: "wants images [N, 3, H, W]".into(),
                got: self.images.shape().to_vec(),
            });
        };
        let mut side = |size: usize| {
            let (half, middle) = ((size as f64 * area.sqrt()) as usize / 2, draws.below(size as u32) as usize);
            middle.saturating_sub(half)..(middle + half).min(size)
        };
        let (rows, columns) = (side(height), side(width));
        let weight = 1.0 - (rows.len() * columns.len()) as f64 / (height * width) as f64;
        let inside = |i: usize| rows.contains(&(i / width)) && columns.contains(&(i % width));
        let mask = (0..height * width).map(inside).collect();
        Ok((Tensor::from_bools(mask, &[1, 1, height, width], self.images.device())?, weight))
    }

    /// Embeddings `[rows, d]` with each query where its partner's stands: what a head makes of them is the loss with
    /// the partners' labels. As they are where nothing was mixed.
    ///
    /// # Errors
    /// Another number of rows.
    pub fn partners(&self, embeddings: &Tensor) -> Result<Tensor> {
        if embeddings.shape().first() != Some(&self.rows()) {
            let want = format!("wants the embeddings of {} rows", self.rows());
            return Err(Error::Shape { op: "partners".into(), want, got: embeddings.shape().to_vec() });
        }
        let Some(mixing) = &self.mixing else { return Ok(embeddings.clone()) };
        let (support, query) = (self.support_rows(), self.query_rows());
        let mut from = vec![vec![0; query]; self.tasks];
        for (from, partners) in from.iter_mut().zip(&mixing.partners) {
            partners.iter().enumerate().for_each(|(row, partner)| from[*partner] = row);
        }
        let rows = self.positions(|task, row| match row.checked_sub(support) {
            Some(row) => task * (support + query) + support + from[task][row],
            None => task * (support + query) + row,
        })?;
        embeddings.select(0, &rows)
    }

    /// A position for every row of every task.
    fn positions(&self, of: impl Fn(usize, usize) -> usize) -> Result<Tensor> {
        let rows = self.support_rows() + self.query_rows();
        let positions = (0..self.rows()).map(|row| of(row / rows, row % rows) as i32).collect();
        Tensor::from_ints(positions, &[self.rows()], self.images.device())
    }
}

fn shuffled(count: usize, draws: &mut Draws) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    draws.choose(&mut order, count);
    order
}
