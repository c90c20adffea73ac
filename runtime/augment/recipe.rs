//! What is done to each view of a batch, without its pixels, for what does it elsewhere.

use rayon::prelude::*;

use super::{Change, Form, Transform, View};
use crate::rng::Stream;

/// Views whose recipes one task draws into one list.
const VIEWS_PER_TASK: usize = 64;

/// The recipes of some views, one after another: the changes of each, every number drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipes {
    changes: Vec<Change>,
    ends: Vec<usize>,
}

impl Recipes {
    /// The number of views.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no views.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The changes of every view, in order.
    pub fn views(&self) -> impl ExactSizeIterator<Item = &[Change]> {
        let start = |view: usize| if view == 0 { 0 } else { self.ends[view - 1] };
        (0..self.len()).map(move |view| &self.changes[start(view)..self.ends[view]])
    }
}

/// What [`apply`](super::apply) does to the given views of images of one size, with the same draws. The quarter turns
/// of [`View::turn`] come before the changes and are not among them; the changes are those of the turned image, of one
/// that is turned already where the images are made for the rows.
pub fn recipes(transform: &dyn Transform, form: Form, rows: &[View], stream: &Stream, step: u64) -> Recipes {
    let Form { size: (height, width), is_by_row, .. } = form;
    let part = |rows: &[View]| {
        let mut recipes = Recipes::default();
        for row in rows {
            let is_turned = row.turn % 2 == 1 && !is_by_row;
            let size = if is_turned { (width, height) } else { (height, width) };
            transform.draw(size, &mut row.place(stream, step), &mut recipes.changes);
            recipes.ends.push(recipes.changes.len());
        }
        recipes
    };
    let parts: Vec<Recipes> = rows.par_chunks(VIEWS_PER_TASK).map(part).collect();
    let mut whole = Recipes::default();
    for part in parts {
        let before = whole.changes.len();
        whole.ends.extend(part.ends.iter().map(|end| before + end));
        whole.changes.extend(part.changes);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Chain, ColorJitter, GaussianBlur, Grayscale, HorizontalFlip, Image, Pixels, QuarterTurn, RandomResizedCrop,
            Solarize,
            fixture::{applied, form},
            values::Values,
        },
        *,
    };

    fn chain() -> Chain {
        Chain::new()
            .then(RandomResizedCrop::new((6, 9)).unwrap())
            .then(HorizontalFlip::default())
            .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1).unwrap().with_probability(0.8).unwrap())
            .then(Grayscale::new(0.2).unwrap())
            .then(GaussianBlur::new([0.1, 2.0]).unwrap().with_probability(0.5).unwrap())
            .then(Solarize::new(0.5).unwrap().with_probability(0.2).unwrap())
            .then(QuarterTurn::default())
    }

    #[test]
    fn following_a_recipe_gives_the_views_that_apply_gives() {
        let (size, stream) = ((7, 11), Stream::new(3, "recipe"));
        let pixels: Vec<u8> = (0..5 * 7 * 11 * 3).map(|i| (i * 37 % 256) as u8).collect();
        let rows: Vec<View> =
            (0..200).map(|i| View { image: i * 3 % 5, turn: (i % 4) as u8, number: (i / 20) as u16 }).collect();
        let applied = applied(&chain(), Pixels::bytes(&pixels, 3, size).unwrap(), &rows, &stream, 4).unwrap();
        let recipes = recipes(&chain(), form(size), &rows, &stream, 4);
        assert_eq!(recipes.len(), rows.len());
        let mut image = Image::default();
        let mut performed = Vec::new();
        for (row, changes) in rows.iter().zip(recipes.views()) {
            image.open(Values::Bytes(&pixels[row.image * 231..][..231]), 3, size, true);
            image.turn(row.turn);
            changes.iter().for_each(|change| image.perform(change));
            performed.extend_from_slice(image.planes());
        }
        assert_eq!(performed, applied);
    }

    #[test]
    fn no_views_and_no_transforms_give_empty_recipes() {
        let stream = Stream::new(0, "recipe");
        assert!(recipes(&chain(), form((4, 4)), &[], &stream, 0).is_empty());
        let rows = [View { image: 0, turn: 0, number: 0 }; 3];
        let nothing = recipes(&Chain::new(), form((4, 4)), &rows, &stream, 0);
        assert_eq!(nothing.len(), 3);
        assert!(nothing.views().all(<[Change]>::is_empty));
    }
}
