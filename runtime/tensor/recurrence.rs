//! rₖ = bₖ + aₖ · rₖ₋₁ along a dim: what the gradients of running products are made of, without a division, so that
//! they are right where a value is 0. Its own gradients are recurrences the other way. On the host, in float64.

use super::{Tensor, lines::Lines};
use crate::{Result, tape::record};

/// Which way one goes along a dim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Onward,
    Back,
}

impl Way {
    pub fn other(self) -> Self {
        match self {
            Self::Onward => Self::Back,
            Self::Back => Self::Onward,
        }
    }

    /// Goes through a line: what comes out at each place follows from the value there and from what came out before.
    pub fn go<T: Copy, S: Copy>(self, line: &[T], made: &mut [S], mut next: impl FnMut(T, Option<S>) -> S) {
        let mut before = None;
        let mut at = |place: usize| {
            made[place] = next(line[place], before);
            before = Some(made[place]);
        };
        match self {
            Self::Onward => (0..line.len()).for_each(&mut at),
            Self::Back => (0..line.len()).rev().for_each(&mut at),
        }
    }
}

impl Tensor {
    /// What comes out of self as b and of factors as a, which have one shape. The first value is b itself.
    pub(super) fn recurrence(&self, factors: &Self, dim: usize, way: Way) -> Result<Self> {
        let terms: Vec<[f64; 2]> = self.doubles()?.into_iter().zip(factors.doubles()?).map(Into::into).collect();
        let made = Lines::of(self.shape(), dim).map("recurrence", &terms, self.shape()[dim], |line, made| {
            way.go(line, made, |[term, factor], before| before.map_or(term, |before| term + factor * before));
        })?;
        let output = Self::from_doubles(made, self.shape(), self)?;
        Ok(record("recurrence", [self, factors], output.clone(), |tape| {
            let kept = tape.tracks(1).then(|| tape.keep_output(&output, 0));
            let factors = tape.keep(factors);
            move |by: Self, step| {
                let following = factors.get(step)?.shifted(dim, way.other(), 0.0)?;
                let by_terms = by.recurrence(&following, dim, way.other())?;
                let by_factors = match &kept {
                    Some(output) => step.of(1, || by_terms.mul(&output.get(step)?.shifted(dim, way, 0.0)?))?,
                    None => None,
                };
                Ok([Some(by_terms), by_factors])
            }
        }))
    }

    /// Each value at the next place of a dim on the way; the first place has a number, and the last value is gone.
    pub(super) fn shifted(&self, dim: usize, way: Way, first: f64) -> Result<Self> {
        let size = self.shape()[dim];
        let mut edge = self.shape().to_vec();
        edge[dim] = size.min(1);
        let edge = Self::from_doubles(vec![first; edge.iter().product()], &edge, self)?;
        match way {
            _ if size < 2 => Ok(edge),
            Way::Onward => Self::cat(&[edge, self.slice(dim, 0, size - 1)?], dim),
            Way::Back => Self::cat(&[self.slice(dim, 1, size)?, edge], dim),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn it_goes_both_ways_along_any_dim() {
        let floats = |values: &[f32]| Tensor::from_floats(values.to_vec(), &[3, 2], &Device::cpu()).unwrap();
        let (terms, factors) = (floats(&[1.0, 10.0, 2.0, 20.0, 3.0, 30.0]), floats(&[9.0, 9.0, 2.0, 0.0, -1.0, 0.5]));
        let went = |dim, way| terms.recurrence(&factors, dim, way).unwrap().floats().unwrap();
        assert_eq!(went(0, Way::Onward), [1.0, 10.0, 4.0, 20.0, -1.0, 40.0]);
        assert_eq!(went(1, Way::Back), [91.0, 10.0, 42.0, 20.0, -27.0, 30.0]);
        assert_eq!(terms.shifted(0, Way::Onward, 7.0).unwrap().floats().unwrap(), [7.0, 7.0, 1.0, 10.0, 2.0, 20.0]);
        assert_eq!(terms.shifted(1, Way::Back, 7.0).unwrap().floats().unwrap(), [10.0, 7.0, 20.0, 7.0, 30.0, 7.0]);
    }
}
