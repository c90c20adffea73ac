//! Who takes part in an episode, before any image of it is made: classes, examples, quarter turns.

use std::ops::Range;

use crate::{augment::View, rng::Draws};

/// One way of a task.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// Its class in the data set, from 0.
    pub label: u32,
    /// Its examples, support before queries before crops: image and view number.
    pub examples: Vec<(usize, u16)>,
    /// Quarter turns of all its examples.
    pub turn: u8,
}

/// The classes of every task.
pub(super) struct Roster {
    pub tasks: Vec<Vec<Class>>,
    pub shots: usize,
    pub queries: usize,
}

impl Roster {
    /// Turns a class by a random number of quarters, 0 included, with probability `p`: a task augmentation (Ni et al.
    /// 2022), shared by all of the class's examples.
    pub fn rotate(&mut self, p: f32, mut draws: impl FnMut(&Class) -> Draws) {
        if p > 0.0 {
            for class in self.tasks.iter_mut().flatten() {
                let mut draws = draws(class);
                if draws.chance(p) {
                    class.turn = draws.below(4) as u8;
                }
            }
        }
    }

    /// Lets each class enter as `copies` classes, the second turned by a quarter more than the first, and so on.
    pub fn add_rotations(&mut self, copies: usize) {
        for task in &mut self.tasks {
            let turned = |by: u8| task.iter().map(move |class| Class { turn: (class.turn + by) % 4, ..class.clone() });
            *task = (0..copies as u8).flat_map(turned).collect();
        }
    }

    /// The rows of these examples of each class in their order: task by task, view-major.
    pub fn rows(&self, examples: Range<usize>) -> Vec<View> {
        let view = |class: &Class, k: usize| {
            let (image, number) = class.examples[k];
            View { image, turn: class.turn, number }
        };
        let of_task = |task: &'_ [Class]| -> Vec<View> {
            examples.clone().flat_map(|k| task.iter().map(move |class| view(class, k))).collect()
        };
        self.tasks.iter().flat_map(|task| of_task(task)).collect()
    }
}
