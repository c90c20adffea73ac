//! Episodes in which every image is a class and its augmented views are the examples (Ni et al. 2022, Algorithm 1).

use super::{Class, CropViews, Crops, Episode, Roster};
use crate::{
    Device, Error, Result,
    data::Batch,
    options::{Options, options},
    views::{Augment, Source},
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
    /// One task of a batch's images, with crops where there are any. A view is a function of the seed, the data set's name,
    /// the epoch, the image, its quarter turns and the view's number, and of nothing else. Crops have the numbers after
    /// those of the other views.
    ///
    /// # Errors
    /// No shots, queries or crops; a probability outside 0 to 1; fewer than 2 ways; quarter turns of images that are neither
    /// square nor cropped.
    pub fn views(
        batch: &Batch,
        augment: &dyn Augment,
        crops: Option<CropViews<'_>>,
        options: ViewOptions,
        device: &Device,
    ) -> Result<Self> {
        const OP: &str = "views";
        let ViewOptions { shots, queries, rotate, rotations } = options;
        options.check(OP)?;
        let small = crops.as_ref().map_or(0, |crops| crops.views);
        let examples = shots.saturating_add(queries).saturating_add(small);
        if examples > usize::from(u16::MAX) {
            let what = if crops.is_some() { "shots, queries and crops" } else { "shots and queries" };
            return Err(Error::argument(OP, what, format!("{} together at most", u16::MAX), examples));
        }
        let labels = batch.images.labels();
        let class = |image: &usize| Class {
            label: labels[*image],
            examples: (0..examples as u16).map(|view| (*image, view)).collect(),
            turn: 0,
        };
        let mut roster = Roster { tasks: vec![batch.picks.iter().map(class).collect()], shots, queries };
        let turns = batch.stream("rotate");
        roster.rotate(rotate as f32, |class| turns.at(batch.epoch, class.examples[0].0 as u64, 0, 0));
        roster.add_rotations(rotations);
        let (images, stream) = (&batch.images, batch.stream("augment"));
        let episode = Self::of_roster(OP, &roster, augment, images, &stream, batch.epoch, device)?;
        let Some(CropViews { augment, views }) = crops else { return Ok(episode) };
        let rows = roster.rows(shots + queries..examples);
        let made = augment.views(Source::Set(images), &rows, &stream, batch.epoch, device)?;
        episode.with_crops(Crops { images: made, views })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Tensor,
        augment::RandomResizedCrop,
        data::{ImageOptions, ImageSet},
    };

    #[test]
    fn crops_are_the_views_after_the_others_and_change_none_of_these() {
        let (device, set) =
            (Device::cpu(), ImageSet::new("shapes", ImageOptions { count: Some(20), ..Default::default() }));
        set.open("images", 0, &|_, _| {}).unwrap();
        let batch = set.next(3).unwrap();
        let crop = RandomResizedCrop::new((6, 6)).unwrap();
        let made = |queries: usize, crops: Option<usize>| {
            let options = ViewOptions { shots: 2, queries, rotations: 2, ..Default::default() };
            let crops = crops.map(|views| CropViews { augment: &crop, views });
            Episode::views(&batch, &crop, crops, options, &device).unwrap()
        };
        let (with, without) = (made(1, Some(3)), made(4, None));
        let crops = with.crops.as_ref().unwrap();
        let all = Tensor::cat(&[with.images.clone(), crops.images.clone()], 0).unwrap();
        assert_eq!(all.floats().unwrap(), without.images.floats().unwrap());
        assert_eq!(with.query_labels.ints("test").unwrap(), without.query_labels.ints("test").unwrap());
        assert_eq!((with.views_of_class(), with.rows(), crops.views), (6, 36, 3));
    }
}
