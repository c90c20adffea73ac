//! Elements around a tensor.

use burn_backend::Slice;

use super::{Tensor, shape};
use crate::{
    Error, Result,
    options::{choices, options},
    tape::record,
};

choices! {
    /// What stands around a tensor.
    pub enum PadMode of "pad" "mode" {
        /// One value.
        #[default]
        Constant = "constant",
        /// The elements mirrored at the last one, which does not come again.
        Reflect = "reflect",
        /// The last one again.
        Replicate = "replicate",
        /// The elements from the other end.
        Circular = "circular",
    }
}

options! {
    /// Options of `t:pad`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PadOptions {
        /// What stands there.
        pub mode: PadMode = PadMode::Constant;
        /// The value of the mode constant.
        pub value: f64 = 0.0;
    }
}

impl Tensor {
    /// With more elements before and after those of the last dims, `widths` of the last one first; a negative width takes
    /// some away. PyTorch's `F.pad`.
    ///
    /// # Errors
    /// More widths than dims; less than nothing that is left; a mirrored width that is not less than the dim, or a circular one that
    /// is more.
    pub fn pad(&self, widths: &[[i64; 2]], mode: PadMode, value: f64) -> Result<Self> {
        const OP: &str = "pad";
        if widths.len() > self.rank() {
            let want = format!("at most {}, two for each dim", 2 * self.rank());
            return Err(Error::argument(OP, "the number of widths", want, 2 * widths.len()));
        }
        let cut = |width: i64| width.min(0).unsigned_abs() as usize;
        let mut out = self.shape().to_vec();
        for ([before, after], dim) in widths.iter().zip((0..self.rank()).rev()) {
            let wrong = || {
                let want = format!("widths that leave some of {}", self.shape()[dim]);
                Error::argument(OP, "the widths", want, format!("{before} and {after}"))
            };
            let size = out[dim].checked_sub(cut(*before)).and_then(|size| size.checked_sub(cut(*after)));
            let around = [before, after].map(|width| (*width).max(0) as usize);
            let size = around.iter().try_fold(size.ok_or_else(wrong)?, |size, width| size.checked_add(*width));
            let size = size.ok_or_else(wrong)?;
            out[dim] = size;
        }
        shape::check(OP, &out)?;
        let dims = widths.iter().zip((0..self.rank()).rev()).filter(|(around, _)| **around != [0, 0]);
        if mode != PadMode::Constant {
            return dims
                .into_iter()
                .try_fold(self.clone(), |padded, (around, dim)| padded.mirrored(*around, dim, mode));
        }
        let mut inner = self.clone();
        let mut from = vec![0; self.rank()];
        for ([before, after], dim) in dims {
            let (first, last) = (cut(*before), self.shape()[dim] - cut(*after));
            if last - first < self.shape()[dim] {
                inner = inner.slice(dim, first, last)?;
            }
            from[dim] = (*before).max(0) as usize;
        }
        inner.within(&out, &from, value)
    }

    /// This in a tensor of one value, from positions on.
    fn within(&self, shape: &[usize], from: &[usize], value: f64) -> Result<Self> {
        if self.shape() == shape {
            return Ok(self.clone());
        }
        let around = Self::filled("pad", value, shape, self.dtype(), self.device())?;
        if self.is_empty() {
            return Ok(around);
        }
        let around = around.into_raw();
        let ranges = from.iter().zip(self.shape());
        let ranges = ranges.map(|(from, size)| Slice::new(*from as isize, Some((from + size) as isize), 1));
        let ranges: Vec<Slice> = ranges.collect();
        let raw =
            by_kind!(self.kind(), float_slice_assign, int_slice_assign, bool_slice_assign(around, &ranges, self.raw()));
        Ok(record("pad", [self], self.with(raw, self.kind(), shape.to_vec()), |_| {
            let (from, sizes) = (from.to_vec(), self.shape().to_vec());
            move |by: Self, _| {
                let mut inner = by;
                for (dim, (from, size)) in from.iter().zip(&sizes).enumerate() {
                    if *size != inner.shape()[dim] {
                        inner = inner.slice(dim, *from, from + size)?;
                    }
                }
                Ok([Some(inner)])
            }
        }))
    }

    /// Padded along a dim by its own elements.
    fn mirrored(&self, [before, after]: [i64; 2], dim: usize, mode: PadMode) -> Result<Self> {
        let size = self.shape()[dim] as i64;
        let (most, rule) = match mode {
            PadMode::Reflect => (size - 1, "less than the dim"),
            PadMode::Circular => (size, "at most the dim"),
            _ if size == 0 => (0, "0 for an empty dim"),
            _ => (i64::MAX, ""),
        };
        if let Some(width) = [before, after].into_iter().find(|width| *width > most) {
            return Err(Error::argument("pad", "every width", format!("{rule}, whose size is {size}"), width));
        }
        let positions = (-before..size + after).map(|place| {
            let within = match mode {
                PadMode::Reflect if place < 0 => -place,
                PadMode::Reflect if place >= size => 2 * (size - 1) - place,
                PadMode::Circular => place.rem_euclid(size),
                _ => place.clamp(0, size - 1),
            };
            within as usize
        });
        let positions: Vec<usize> = positions.collect();
        self.select_unchecked(dim, &Self::of_positions(positions, self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, tensor::Kind};

    #[test]
    fn every_kind_is_padded() {
        for kind in [Kind::Float, Kind::Int, Kind::Bool] {
            let padded =
                Tensor::full(1.0, &[2], kind, &Device::cpu()).unwrap().pad(&[[1, 1]], PadMode::Constant, 0.0).unwrap();
            assert_eq!((padded.kind(), padded.floats().unwrap()), (kind, vec![0.0, 1.0, 1.0, 0.0]));
        }
    }
}
