//! Labels that somebody made up, as classes without gaps.

/// The labels of two sets as classes 0, 1, … in the order of the labels, and how many classes there are: what is allocated
/// per class then does not depend on what the labels are called.
pub fn renumber(known: &[u32], asked: &[u32]) -> (Vec<u32>, Vec<u32>, usize) {
    let mut names: Vec<u32> = known.iter().chain(asked).copied().collect();
    names.sort_unstable();
    names.dedup();
    // Every label is among the names, so the search finds it.
    let class = |label: &u32| names.partition_point(|name| name < label) as u32;
    (known.iter().map(class).collect(), asked.iter().map(class).collect(), names.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_classes_without_gaps_in_their_order() {
        assert_eq!(renumber(&[7, u32::MAX, 7], &[0, 7]), (vec![1, 2, 1], vec![0, 1], 3));
    }
}
