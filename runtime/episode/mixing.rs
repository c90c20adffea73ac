//! Mixed queries: MixUp (Zhang et al., ICLR 2018) or CutMix (Yun et al., ICCV 2019) between the queries of a task. The
//! support stays as it is, and so do the crops. A loss is then λ·ℓ(own) + (1 − λ)·ℓ(partner).

use super::{Episode, Mixing};
use crate::{
    Error, Result, Tensor,
    mixing::Mixture,
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
    /// what is left), else the two images are averaged with weights λ and 1 − λ. Crops stay as they are, as the support
    /// does. The draws are keyed by `key`.
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
        let (support, query) = (self.support_rows(), self.large_query_rows());
        let mut draws = stream.at(key.step, key.call, 0, 0);
        let partners: Vec<Vec<usize>> = (0..self.tasks).map(|_| shuffled(query, &mut draws)).collect();
        let rows = self.positions(self.tasks * (support + query), |task, row| match row.checked_sub(support) {
            Some(row) => support + partners[task][row],
            None => row,
        })?;
        let partner = self.images.select(0, &rows)?;
        let drawn = f64::from(draws.uniform());
        let shape = self.images.shape();
        let mixture = match draws.chance(options.cutmix as f32) {
            true => Mixture::paste(drawn, [shape[2], shape[3]], &mut draws),
            false => Mixture::Average(drawn),
        };
        let images = mixture.of(&self.images, &partner)?;
        Ok(Self { images, mixing: Some(Mixing { weight: mixture.weight(), partners }), ..self.clone() })
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
        let (support, query) = (self.support_rows(), self.large_query_rows());
        let mut from = vec![vec![0; query]; self.tasks];
        for (from, partners) in from.iter_mut().zip(&mixing.partners) {
            partners.iter().enumerate().for_each(|(row, partner)| from[*partner] = row);
        }
        let rows = self.positions(self.rows(), |task, row| match row.checked_sub(support) {
            Some(row) => support + from[task][row],
            None => row,
        })?;
        embeddings.select(0, &rows)
    }

    /// For each of so many rows a position: that of a row of the same task's support and large queries, of which both count
    /// from 0. The crops stay where they are.
    fn positions(&self, count: usize, of: impl Fn(usize, usize) -> usize) -> Result<Tensor> {
        let large = self.support_rows() + self.large_query_rows();
        let position = |row: usize| match row / large {
            task if task < self.tasks => task * large + of(task, row % large),
            _ => row,
        };
        Tensor::from_ints((0..count).map(|row| position(row) as i32).collect(), &[count], self.images.device())
    }
}

fn shuffled(count: usize, draws: &mut Draws) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    draws.choose(&mut order, count);
    order
}
