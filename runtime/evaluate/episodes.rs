//! Which rows a few-shot episode has: a function of the labels, the sizes, the seed and the episode's number. Sees no
//! features.

use std::collections::HashMap;

use super::{head::OP, protocol::FewShotProtocol};
use crate::{
    Error, Result,
    rng::{Draws, Stream},
};

/// The classes that episodes are drawn from.
pub(super) struct Episodes {
    /// The rows of each class that has enough, the classes in the order of their first rows: what a label is called
    /// does not matter.
    classes: Vec<Vec<u32>>,
    ways: usize,
    shots: usize,
    queries: usize,
    stream: Stream,
}

impl Episodes {
    /// # Errors
    /// Fewer classes that have enough rows than ways.
    pub fn new(labels: &[u32], options: &FewShotProtocol) -> Result<Self> {
        let FewShotProtocol { ways, shots, queries, .. } = *options;
        let mut classes: Vec<Vec<u32>> = Vec::new();
        let mut places = HashMap::new();
        for (row, label) in labels.iter().enumerate() {
            let place = *places.entry(label).or_insert_with(|| {
                classes.push(Vec::new());
                classes.len() - 1
            });
            classes[place].push(row as u32);
        }
        let (all, smallest) = (classes.len(), classes.iter().map(Vec::len).min().unwrap_or_default());
        classes.retain(|rows| rows.len() >= shots.saturating_add(queries));
        let enough = classes.len();
        if enough < ways {
            let takes = format!("the {shots} + {queries} rows that an episode takes; the smallest has {smallest}");
            let want = format!("at most {enough}, for of {all} classes {enough} have {takes}");
            return Err(Error::argument(OP, "ways", want, ways));
        }
        Ok(Self { classes, ways, shots, queries, stream: Stream::new(options.seed, OP) })
    }

    /// The support rows and the query rows of an episode. Row r of either is of the episode's class r mod ways.
    pub fn draw(&self, episode: u64) -> [Vec<u32>; 2] {
        let classes = choose(self.stream.at(episode, 0, 0, 0), self.classes.len(), self.ways);
        let picked = classes.into_iter().zip(1..).map(|(class, place)| {
            let rows = &self.classes[class as usize];
            let picks = choose(self.stream.at(episode, place, 0, 0), rows.len(), self.queries + self.shots);
            picks.into_iter().map(|pick| rows[pick as usize]).collect()
        });
        let picked: Vec<Vec<u32>> = picked.collect();
        let of_each_class = |number: usize| picked.iter().map(move |rows| rows[number]);
        // The queries come first: they are the same whatever the number of shots.
        let query = (0..self.queries).flat_map(of_each_class).collect();
        let support = (self.queries..self.queries + self.shots).flat_map(of_each_class).collect();
        [support, query]
    }
}

/// Some of `0..len` without replacement: the start of a Fisher–Yates shuffle.
fn choose(mut draws: Draws, len: usize, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..len as u32).collect();
    draws.choose(&mut order, count);
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const OPTIONS: FewShotProtocol = FewShotProtocol {
        ways: 3,
        shots: 2,
        queries: 4,
        episodes: 1,
        head: crate::evaluate::FewShotHead::Prototypes,
        lambda: 1.0,
        c: 1.0,
        seed: 7,
    };

    /// Class 5 has 5 rows, which are too few; the others have more.
    fn labels() -> Vec<u32> {
        (0..60).map(|row: u32| if row < 55 { row % 5 } else { 5 }).collect()
    }

    #[test]
    fn an_episode_has_distinct_rows_of_distinct_classes_in_cyclic_order() {
        let labels = labels();
        let episodes = Episodes::new(&labels, &OPTIONS).unwrap();
        for episode in 0..50 {
            let [support, query] = episodes.draw(episode);
            let rows: HashSet<u32> = support.iter().chain(&query).copied().collect();
            assert_eq!((support.len(), query.len(), rows.len()), (6, 12, 18));
            let classes: Vec<u32> = support[..3].iter().map(|row| labels[*row as usize]).collect();
            assert_eq!(classes.iter().collect::<HashSet<_>>().len(), 3);
            assert!(!classes.contains(&5));
            for (place, row) in support.iter().enumerate().chain(query.iter().enumerate()) {
                assert_eq!(labels[*row as usize], classes[place % 3]);
            }
        }
    }

    #[test]
    fn every_class_and_row_comes_about_equally_often() {
        let episodes = Episodes::new(&labels(), &OPTIONS).unwrap();
        let mut counts = vec![0i32; 55];
        (0..5500).flat_map(|episode| episodes.draw(episode).concat()).for_each(|row| counts[row as usize] += 1);
        assert!(counts.iter().all(|count| (count - 1800).abs() < 200), "{counts:?}");
    }

    #[test]
    fn labels_of_another_name_give_the_same_episodes_and_another_seed_others() {
        let renamed: Vec<u32> = labels().into_iter().map(|label| 1000 - 7 * label).collect();
        let draw = |labels: &[u32], seed| Episodes::new(labels, &FewShotProtocol { seed, ..OPTIONS }).unwrap().draw(3);
        assert_eq!(draw(&labels(), 7), draw(&renamed, 7));
        assert_ne!(draw(&labels(), 7), draw(&labels(), 8));
    }

    #[test]
    fn more_shots_keep_the_queries_and_the_first_shots() {
        let draw = |shots| Episodes::new(&labels(), &FewShotProtocol { shots, ..OPTIONS }).unwrap().draw(3);
        let ([one, queries], [two, same]) = (draw(1), draw(2));
        assert_eq!((&two[..3], same), (&one[..], queries));
    }

    #[test]
    fn too_few_classes_are_told_with_their_sizes() {
        let error = Episodes::new(&labels(), &FewShotProtocol { ways: 6, ..OPTIONS }).err().unwrap().to_string();
        let want = "at most 5, for of 6 classes 5 have the 2 + 4 rows that an episode takes; the smallest has 5";
        assert_eq!(error, format!("few_shot: ways must be {want}, got 6"));
    }
}
