//! N-way K-shot tasks from labelled images (Vinyals et al., NeurIPS 2016).

use super::{Class, Episode, Roster};
use crate::{
    Device, Error, Result,
    data::ImageSet,
    options::{Options, options},
    rng::{DrawKey, Draws},
    views::Augment,
};

options! {
    /// What a few-shot task is made of.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct FewShot {
        /// Classes per task.
        pub ways: usize = 5, in 2..;
        /// Support images per class.
        pub shots: usize = 1, in 1..;
        /// Query images per class.
        pub queries: usize = 15, in 1..;
        /// The number of tasks.
        pub tasks: usize = 1, in 1..=usize::from(u16::MAX);
        /// The probability that a class is turned by 0, 90, 180 or 270 degrees, all its images alike: a task
        /// augmentation.
        pub rotate: f64 = 0.0, in 0.0..=1.0;
        /// As how many classes each class enters, each turned by 90 degrees more.
        pub rotations: usize = 1, in 1..=4;
    }
}

impl Episode {
    /// Tasks of random classes of a data set, and of random images of each, none of which stands twice in a task. The
    /// draws are keyed by the seed, the set's name and `key`: the step, and how many episodes the step had before.
    ///
    /// # Errors
    /// A count of 0; fewer than 2 ways; fewer classes than ways, or images than shots and queries; a probability
    /// outside 0 to 1.
    pub fn few_shot(
        set: &ImageSet,
        augment: &dyn Augment,
        options: FewShot,
        key: DrawKey,
        device: &Device,
    ) -> Result<Self> {
        const OP: &str = "few_shot";
        let FewShot { ways, shots, queries, tasks, rotate, rotations } = options;
        options.check(OP)?;
        let images = set.images(&|_, _| {})?;
        let mut members = vec![Vec::new(); images.classes().len()];
        images.labels().iter().enumerate().for_each(|(image, label)| members[*label as usize].push(image));
        let wanted = shots.saturating_add(queries);
        let fitting: Vec<usize> = (0..members.len()).filter(|class| members[*class].len() >= wanted).collect();
        if fitting.len() < ways {
            let fewest = members.iter().map(Vec::len).min().unwrap_or(0);
            let want = format!(
                "at most {}, the number of classes with {wanted} images (of {} classes, the smallest has {fewest})",
                fitting.len(),
                members.len()
            );
            return Err(Error::argument(OP, "ways", want, ways));
        }
        let (choice, turns) = (set.stream(OP, "few_shot")?, set.stream(OP, "few_shot.rotate")?);
        let mut roster = Roster { tasks: Vec::with_capacity(tasks), shots, queries };
        for task in 0..tasks as u16 {
            // The step is the place, so each call within a step takes the next sample.
            let mut draws = choice.at(key.step, key.call, task, 0);
            let mut classes = fitting.clone();
            let class = |class: usize, draws: &mut Draws| {
                let mut images = members[class].clone();
                let examples = draws.choose(&mut images, wanted).iter().map(|image| (*image, task)).collect();
                Class { label: class as u32, examples, turn: 0 }
            };
            let chosen = draws.choose(&mut classes, ways);
            roster.tasks.push(chosen.iter().map(|id| class(*id, &mut draws)).collect());
        }
        roster.rotate(rotate as f32, |class| {
            let (_, task) = class.examples[0];
            turns.at(key.step, key.call << 32 | u64::from(class.label), task, 0)
        });
        roster.add_rotations(rotations);
        // Calls of one step get views of their own.
        let stream = set.stream(OP, &format!("few_shot.augment.{}", key.call))?;
        Self::of_roster(OP, &roster, augment, images, &stream, key.step, device)
    }
}
