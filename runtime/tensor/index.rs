//! Several dims indexed at once: positions, ranges with a step, lists of positions and masks, each for one dim, in order.
//! Reading is made of operations that have gradients. Positions count from 0.

use burn_backend::{Slice, ops::FloatTensorOps};
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, shape};
use crate::{Error, Result, position::number, tape::record};

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

const OP: &str = "index";

impl Tensor {
    /// What the picks take: the first of the first dim (of the first dims, by a mask), and so on; dims without one stay.
    /// Several lists and masks are taken together, elementwise, and their shapes broadcast. What they give stands in the
    /// place of the first of them where they are neighbours, else in front, as in PyTorch.
    ///
    /// # Errors
    /// More picks than dims; a position or a range that is not there; a mask of another shape; lists whose shapes differ.
    pub fn index(&self, picks: &[Pick]) -> Result<Self> {
        let picks = self.resolved(picks)?;
        let mut found = self.clone();
        // From the last dim on, so that a dim that goes does not move those before it.
        for (dim, pick) in picks.iter().enumerate().rev() {
            found = match pick {
                Pick::All | Pick::List(_) | Pick::Mask(_) => found,
                Pick::At(position) => found.narrowed(dim, *position, position + 1, 1)?,
                Pick::Range { from, to, step } => found.narrowed(dim, *from, *to, *step)?,
            };
        }
        let found = found.listed(&picks)?;
        // Dims of one position go last: they have kept the places of the others.
        let kept = found.1;
        let shape: Vec<usize> =
            found.0.shape().iter().zip(&kept).filter(|(_, is_kept)| **is_kept).map(|(size, _)| *size).collect();
        found.0.reshape(&shape)
    }

    /// Each pick for one dim, checked; masks as lists.
    fn resolved(&self, picks: &[Pick]) -> Result<Vec<Pick>> {
        let mut resolved = Vec::new();
        for pick in picks {
            let dim = resolved.len();
            let wanted = if let Pick::Mask(mask) = pick { mask.rank().max(1) } else { 1 };
            if dim + wanted > self.rank() {
                let want = format!("wants at most {} dims to be indexed", self.rank());
                return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
            }
            let size = self.shape()[dim];
            match pick {
                Pick::All => {}
                Pick::At(position) if *position < size => {}
                Pick::At(position) => {
                    let range = format!("dim {} has {size}", number(dim));
                    return Err(Error::OutOfRange { op: OP, what: "position", got: number(*position), range });
                }
                Pick::Range { from, to, step } if from <= to && *to <= size && *step > 0 => {}
                Pick::Range { from, to, step } => {
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
                    resolved.extend(mask.places()?.into_iter().map(Pick::List));
                    continue;
                }
            }
            resolved.push(pick.clone());
        }
        Ok(resolved)
    }

    /// Where a bool tensor is true: for each of its dims an int vector of positions, in row-major order.
    fn places(&self) -> Result<Vec<Self>> {
        let truths = self.floats()?;
        let mut places = vec![Vec::new(); self.rank()];
        for place in (0..truths.len()).filter(|place| truths[*place] != 0.0) {
            let mut rest = place;
            for dim in (0..self.rank()).rev() {
                places[dim].push((rest % self.shape()[dim]) as i32);
                rest /= self.shape()[dim];
            }
        }
        places.into_iter().map(|places| Self::from_ints(places.clone(), &[places.len()], self.device())).collect()
    }

    /// Positions of a dim, so far apart. The dim stays.
    pub(super) fn narrowed(&self, dim: usize, from: usize, to: usize, step: usize) -> Result<Self> {
        if (from, to, step) == (0, self.shape()[dim], 1) {
            return Ok(self.clone());
        }
        if step == 1 {
            return self.slice(dim, from, to);
        }
        let mut out = self.shape().to_vec();
        out[dim] = (to - from).div_ceil(step);
        let output = if out.contains(&0) {
            self.none_of_own(&out)?
        } else {
            let slices = stepped(self.rank(), dim, from, to, step);
            let raw = by_kind!(self.kind(), float_slice, int_slice, bool_slice(self.raw(), &slices));
            self.with_own(raw, self.kind(), out)
        };
        Ok(record("slice", [self], output, |_| {
            let shape = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.spread_among_zeros(&shape, dim, from, to, step)?)])
        }))
    }

    /// Zeros of a shape with this at positions that are so far apart: the gradient of [`Tensor::narrowed`].
    fn spread_among_zeros(&self, to_shape: &[usize], dim: usize, from: usize, to: usize, step: usize) -> Result<Self> {
        shape::check("slice", to_shape)?;
        let zeros = self.of_nothing(0.0, self.dtype(), to_shape)?;
        let output = if self.is_empty() {
            zeros
        } else {
            let slices = stepped(self.rank(), dim, from, to, step);
            let raw = Dispatch::float_slice_assign(zeros.into_raw(), &slices, self.raw());
            self.with(raw, Kind::Float, to_shape.to_vec())
        };
        Ok(record("slice", [self], output, |_| move |by: Self, _| Ok([Some(by.narrowed(dim, from, to, step)?)])))
    }

    /// What lists of positions take, elementwise together. With it which dims are to be kept: those of single positions
    /// are not.
    fn listed(&self, picks: &[Pick]) -> Result<(Self, Vec<bool>)> {
        let is_kept = |dim: usize| !matches!(picks.get(dim), Some(Pick::At(_)));
        let lists = picks.iter().enumerate().filter_map(|(dim, pick)| match pick {
            Pick::List(positions) => Some((dim, positions)),
            _ => None,
        });
        let lists: Vec<(usize, &Self)> = lists.collect();
        let Some((first, _)) = lists.first().copied() else {
            return Ok((self.clone(), (0..self.rank()).map(is_kept).collect()));
        };
        let dims: Vec<usize> = lists.iter().map(|(dim, _)| *dim).collect();
        let mut common = Vec::new();
        for (_, positions) in &lists {
            common = shape::broadcast(OP, &common, positions.shape())?;
        }
        // One number for each place in the dims together, the last of them the fastest.
        let mut linear: Option<Self> = None;
        for (dim, positions) in &lists {
            let positions = positions.to_dtype(super::DType::Int32)?.expand(&common)?;
            linear = Some(match linear {
                None => positions,
                Some(linear) => linear.mul_scalar(self.shape()[*dim] as f64)?.add(&positions)?,
            });
        }
        let linear = linear.expect("there is a list").reshape(&[common.iter().product()])?;
        // A single position stands between two lists without parting them; a range does.
        let are_neighbours =
            (first..=dims[dims.len() - 1]).all(|dim| dims.contains(&dim) || matches!(picks[dim], Pick::At(_)));
        let place = if are_neighbours { (0..first).count() } else { 0 };
        let others: Vec<usize> = (0..self.rank()).filter(|dim| !dims.contains(dim)).collect();
        let order: Vec<usize> = others[..place.min(others.len())]
            .iter()
            .chain(&dims)
            .chain(&others[place.min(others.len())..])
            .copied()
            .collect();
        let moved = self.permute(&order)?;
        let together: usize = dims.iter().map(|dim| self.shape()[*dim]).product();
        let mut flat: Vec<usize> = moved.shape()[..place].to_vec();
        flat.push(together);
        flat.extend_from_slice(&moved.shape()[place + dims.len()..]);
        let taken = moved.reshape(&flat)?.select(place, &linear)?;
        let mut out = flat[..place].to_vec();
        out.extend_from_slice(&common);
        out.extend_from_slice(&flat[place + 1..]);
        let mut kept: Vec<bool> = others[..place].iter().map(|dim| is_kept(*dim)).collect();
        kept.extend(vec![true; common.len()]);
        kept.extend(others[place..].iter().map(|dim| is_kept(*dim)));
        shape::check_view(OP, &out)?;
        Ok((taken.reshape(&out)?, kept))
    }
}

/// Positions of one dim, so far apart, all of the others.
fn stepped(rank: usize, dim: usize, from: usize, to: usize, step: usize) -> Vec<Slice> {
    let mut slices = vec![Slice::new(0, None, 1); rank];
    slices[dim] = Slice::new(from as isize, Some(to as isize), step as isize);
    slices
}
