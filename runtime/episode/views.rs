//! Episodes in which every image is a class and its augmented views are the examples (Ni et al. 2022, Algorithm 1).

use super::{Class, Episode, Roster, roster};
use crate::{Device, Error, Result, augment::Transform, data::Batch};

/// How the views of a batch become a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewOptions {
    /// Support views per image, S.
    pub shots: usize,
    /// Query views per image, Q.
    pub queries: usize,
    /// The probability that an image is turned by a random number of quarters, all its views alike.
    pub rotate: f64,
    /// As how many classes an image enters, each turned by a quarter more: 1 to 4.
    pub rotations: usize,
}

impl Default for ViewOptions {
    fn default() -> Self {
        Self { shots: 1, queries: 1, rotate: 0.0, rotations: 1 }
    }
}

impl Episode {
    /// One task of a batch's images. A view is a function of the seed, the data set's name, the epoch, the image, its
    /// quarter turns and the view's number, and of nothing else.
    ///
    /// # Errors
    /// No shots or queries; a probability outside 0 to 1; fewer than 2 ways; quarter turns of images that are neither
    /// square nor cropped.
    pub fn views(batch: &Batch, transform: &dyn Transform, options: ViewOptions, device: &Device) -> Result<Self> {
        const OP: &str = "views";
        let ViewOptions { shots, queries, rotate, rotations } = options;
        roster::check(OP, &[("shots", shots), ("queries", queries)], rotate, rotations)?;
        if shots.saturating_add(queries) > usize::from(u16::MAX) {
            return Err(Error::argument(
                OP,
                "shots and queries",
                format!("{} together at most", u16::MAX),
                shots + queries,
            ));
        }
        let labels = batch.images.labels();
        let class = |image: &usize| Class {
            label: labels[*image],
            examples: (0..(shots + queries) as u16).map(|view| (*image, view)).collect(),
            turn: 0,
        };
        let mut roster = Roster { tasks: vec![batch.picks.iter().map(class).collect()], shots };
        let turns = batch.stream("rotate");
        roster.rotate(rotate as f32, |class| turns.at(batch.epoch, class.examples[0].0 as u64, 0, 0));
        roster.add_rotations(rotations);
        Self::of_roster(OP, &roster, transform, &batch.images, &batch.stream("augment"), batch.epoch, device)
    }
}
