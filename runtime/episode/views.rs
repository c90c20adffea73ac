//! Episodes in which every image is a class and its augmented views are the examples (Ni et al. 2022, Algorithm 1).

use super::{Class, Episode, Roster};
use crate::{
    Device, Error, Result,
    augment::Transform,
    data::Batch,
    options::{Options, options},
};

options! {
    /// How the views of a batch become a task.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ViewOptions {
        /// Support views per image.
        pub shots: usize = 1, in 1..;
        /// Query views per image.
        pub queries: usize = 1, in 1..;
        /// The probability that an image is turned by 0, 90, 180 or 270 degrees, all its views alike: a task
        /// augmentation.
        pub rotate: f64 = 0.0, in 0.0..=1.0;
        /// As how many classes each image enters, each turned by 90 degrees more.
        pub rotations: usize = 1, in 1..=4;
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
        options.check(OP)?;
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
