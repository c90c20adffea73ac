//! What lies beyond the edges of an image.

use super::gaussian::reflect;
use crate::options::choices;

choices! {
    /// What lies beyond the edges of an image.
    pub enum Edge of "augment" "mode" {
        /// A value.
        #[default]
        Constant = "constant",
        /// The pixel at the edge.
        Replicate = "edge",
        /// The image mirrored at its edge pixels, which are not repeated.
        Reflect = "reflect",
        /// The image mirrored at its edges, whose pixels are repeated.
        Symmetric = "symmetric",
    }
}

/// The position that is read for `position` on an axis of `length` pixels; none where a value stands there. Beyond a
/// mirrored image it is mirrored again.
pub fn source_of(edge: Edge, position: isize, length: usize) -> Option<usize> {
    let last = length as isize - 1;
    if (0..=last).contains(&position) {
        return Some(position as usize);
    }
    match edge {
        Edge::Constant => None,
        Edge::Replicate => Some(position.clamp(0, last) as usize),
        Edge::Reflect => Some(reflect(position, length)),
        Edge::Symmetric => {
            let folded = position.rem_euclid(2 * (last + 1));
            Some(folded.min(2 * last + 1 - folded) as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_numpys() {
        // numpy.pad(numpy.arange(3), 4, mode=…)
        let padded = |edge| (-4..7).map(|i| source_of(edge, i, 3)).collect::<Option<Vec<_>>>();
        assert_eq!(padded(Edge::Replicate).unwrap(), [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2]);
        assert_eq!(padded(Edge::Reflect).unwrap(), [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
        assert_eq!(padded(Edge::Symmetric).unwrap(), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        assert_eq!(source_of(Edge::Symmetric, -5, 1), Some(0));
        assert_eq!((source_of(Edge::Constant, -1, 3), source_of(Edge::Constant, 3, 3)), (None, None));
    }
}
