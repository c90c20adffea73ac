//! Several dims indexed at once: positions, ranges with a step, lists of positions and masks, each for one dim, in order.
//! Reading is made of operations that have gradients. Positions count from 0.

use super::{DType, Kind, Tensor};
use crate::{Error, Result, position::number};

/// What is taken of one dim, or, by a mask, of several.
#[derive(Clone, Debug)]
pub enum Pick {
    /// Everything.
    All,
    /// One position; the dim goes.
    At(usize),
    /// Positions from the first up to, but without, the last, so far apart.
    Range { from: usize, to: usize, step: usize },
    /// Positions as an int tensor of any shape, whose dims take the dim's place.
    List(Tensor),
    /// Where a bool tensor is true. It has the shape of as many dims as it has, and one takes their place.
    Mask(Tensor),
}

impl Pick {
    /// How many dims of a tensor it is for.
    fn dims(&self) -> usize {
        if let Self::Mask(mask) = self { mask.rank().max(1) } else { 1 }
    }
}

const OP: &str = "index";

impl Tensor {
    /// What the picks take: the first of the first dim (of the first dims, by a mask), and so on; dims without one stay.
    /// Several lists and masks are taken together, elementwise, and their shapes broadcast. What they give stands in the
    /// place of the first of them where they are neighbours, else in front, as in PyTorch.
    ///
    /// # Errors
    /// More picks than dims; a position or a range that is not there; a mask of another shape; lists whose shapes differ.
    pub fn index(&self, picks: &[Pick]) -> Result<Self> {
        self.check_picks(picks)?;
        let (mut found, mut lists, mut dim) = (self.clone(), Vec::new(), 0);
        for pick in picks {
            match pick {
                // The dim goes, and the next one stands in its place.
                Pick::At(position) => {
                    found = found.at(dim, *position)?;
                    continue;
                }
                Pick::All => lists.push(None),
                Pick::Range { from, to, step } => {
                    found = found.slice_by(dim, *from, *to, *step)?;
                    lists.push(None);
                }
                Pick::List(positions) => lists.push(Some(positions.clone())),
                Pick::Mask(mask) => lists.push(Some(mask.clone())),
            }
            dim += pick.dims();
        }
        let mut taken = lists.iter().enumerate().filter_map(|(dim, list)| list.as_ref().map(|list| (dim, list)));
        match (taken.next(), taken.next()) {
            (None, _) => Ok(found),
            // Whole slices, which are moved as such.
            (Some((dim, list)), None) if list.kind() == Kind::Int => {
                let shape = [&found.shape()[..dim], list.shape(), &found.shape()[dim + 1..]].concat();
                found.select_unchecked(dim, &list.to_dtype(DType::Int32)?.flat()?)?.reshape(&shape)
            }
            _ => found.index_get(&lists),
        }
    }

    /// An error for picks that are not there.
    fn check_picks(&self, picks: &[Pick]) -> Result<()> {
        let mut dim = 0;
        for pick in picks {
            if dim + pick.dims() > self.rank() {
                let want = format!("wants at most {} dims to be indexed", self.rank());
                return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
            }
            let size = self.shape()[dim];
            match pick {
                Pick::At(position) if *position >= size => {
                    let range = format!("dim {} has {size}", number(dim));
                    return Err(Error::OutOfRange { op: OP, what: "position", got: number(*position), range });
                }
                Pick::Range { from, to, step } if from > to || *to > size || *step == 0 => {
                    let (range, got) =
                        (format!("the range of dim {}", number(dim)), format!("{} to {to}", number(*from)));
                    let want = if *step == 0 { "a step of at least 1".into() } else { format!("inside 1 to {size}") };
                    return Err(Error::argument(OP, range, want, got));
                }
                Pick::List(positions) => positions.check_positions(OP, size)?,
                Pick::Mask(mask) => {
                    mask.want(OP, Kind::Bool)?;
                    if mask.rank() == 0 || mask.shape() != &self.shape()[dim..dim + mask.rank()] {
                        let rule =
                            format!("a mask has the shape of the dims that it is for, from dim {} on", number(dim));
                        let (left, right) = (self.shape().to_vec(), mask.shape().to_vec());
                        return Err(Error::Unfit { op: OP, left, right, rule });
                    }
                }
                _ => {}
            }
            dim += pick.dims();
        }
        Ok(())
    }
}
