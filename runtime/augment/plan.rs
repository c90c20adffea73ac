//! The steps of a batch without its pixels, for what performs them elsewhere.

use std::ops::Range;

use rayon::prelude::*;

use super::{Size, Step, Transform, View};
use crate::rng::Stream;

/// Views whose steps one task draws into one list.
const VIEWS_PER_TASK: usize = 64;

/// The steps of some views, one view after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    steps: Vec<Step>,
    ends: Vec<usize>,
}

impl Plan {
    /// The number of views.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no views.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All steps, those of the first view first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Where the steps of one view, from 0, lie among all steps.
    pub fn range(&self, view: usize) -> Range<usize> {
        let start = if view == 0 { 0 } else { self.ends[view - 1] };
        start..self.ends[view]
    }

    /// The steps of every view, in order.
    pub fn views(&self) -> impl ExactSizeIterator<Item = &[Step]> {
        (0..self.len()).map(|view| &self.steps[self.range(view)])
    }
}

/// What [`draw`](super::draw) does to the given views of images of one size, with the same draws. The quarter turns of
/// [`View::turn`] come before the steps and are not among them; the steps are those of the turned image.
pub fn plan(transform: &dyn Transform, (height, width): Size, rows: &[View], stream: &Stream, step: u64) -> Plan {
    let part = |rows: &[View]| {
        let mut plan = Plan::default();
        for row in rows {
            let size = if row.turn % 2 == 1 { (width, height) } else { (height, width) };
            transform.draw(size, &mut row.place(stream, step), &mut plan.steps);
            plan.ends.push(plan.steps.len());
        }
        plan
    };
    let parts: Vec<Plan> = rows.par_chunks(VIEWS_PER_TASK).map(part).collect();
    let mut whole = Plan::default();
    for part in parts {
        let before = whole.steps.len();
        whole.ends.extend(part.ends.iter().map(|end| before + end));
        whole.steps.extend(part.steps);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Chain, ColorJitter, GaussianBlur, Grayscale, HorizontalFlip, Image, Images, QuarterTurn, RandomResizedCrop,
            Solarize, draw, image::Pixels,
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
    fn performing_a_plan_gives_the_views_that_draw_gives() {
        let (size, stream) = ((7, 11), Stream::new(3, "plan"));
        let pixels: Vec<u8> = (0..5 * 7 * 11 * 3).map(|i| (i * 37 % 256) as u8).collect();
        let rows: Vec<View> =
            (0..200).map(|i| View { image: i * 3 % 5, turn: (i % 4) as u8, number: (i / 20) as u16 }).collect();
        let drawn = draw(&chain(), Images::bytes(&pixels, size).unwrap(), &rows, &stream, 4).unwrap();
        let plan = plan(&chain(), size, &rows, &stream, 4);
        assert_eq!(plan.len(), rows.len());
        let mut image = Image::default();
        let mut performed = Vec::new();
        for (row, steps) in rows.iter().zip(plan.views()) {
            image.open(Pixels::Bytes(&pixels[row.image * 231..][..231]), size);
            image.turn(row.turn);
            steps.iter().for_each(|step| image.perform(step));
            performed.extend(image.planes().concat());
        }
        assert_eq!(performed, drawn);
    }

    #[test]
    fn no_views_and_no_transforms_give_empty_plans() {
        let stream = Stream::new(0, "plan");
        assert!(plan(&chain(), (4, 4), &[], &stream, 0).is_empty());
        let rows = [View { image: 0, turn: 0, number: 0 }; 3];
        let nothing = plan(&Chain::new(), (4, 4), &rows, &stream, 0);
        assert_eq!(nothing.len(), 3);
        assert!(nothing.views().all(<[Step]>::is_empty));
    }
}
