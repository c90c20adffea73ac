//! Which values a dropout keeps: a function of a key and of their places, whatever the number of threads.

use rayon::prelude::*;

use super::{DType, Elements, Tensor, shape};
use crate::{
    Result, memory,
    rng::{DrawKey, Stream},
};

/// Values that are drawn from one place on.
const BLOCK: usize = 1 << 12;

/// With which probability values are dropped, and what they are drawn by.
#[derive(Clone, Copy, Debug)]
pub struct Dropping {
    /// The probability.
    pub p: f64,
    /// The stream.
    pub stream: Stream,
    /// The place in it.
    pub key: DrawKey,
}

impl Dropping {
    /// 1 / (1 − p) where a value is kept, else 0: in a shape, of the format and on the device of a tensor.
    ///
    /// # Errors
    /// A shape that no tensor has.
    pub fn factors(&self, shape: &[usize], like: &Tensor) -> Result<Tensor> {
        self.factors_of("dropout", shape, BLOCK, |block| block, like)
    }

    /// The same of rows `width` long, each at a place of its own.
    pub(super) fn factors_of(
        &self,
        op: &'static str,
        shape: &[usize],
        width: usize,
        place: impl Fn(usize) -> usize + Sync,
        like: &Tensor,
    ) -> Result<Tensor> {
        shape::check(op, shape)?;
        let count = shape.iter().product();
        if like.dtype() == DType::Float64 {
            let mut values = memory::list(op, count)?;
            values.resize(count, 0.0f64);
            self.fill(&mut values, 1.0 / (1.0 - self.p), width, place);
            return Tensor::from_elements(Elements::Float64(values), shape, like.device());
        }
        let mut values = memory::list(op, count)?;
        values.resize(count, 0.0f32);
        self.fill(&mut values, (1.0 / (1.0 - self.p)) as f32, width, place);
        Tensor::from_floats(values, shape, like.device())
    }

    fn fill<T: Copy + Send + Sync>(
        &self,
        values: &mut [T],
        kept: T,
        width: usize,
        place: impl Fn(usize) -> usize + Sync,
    ) {
        let p = self.p as f32;
        values.par_chunks_mut(width.max(1)).enumerate().for_each(|(row, values)| {
            let place = place(row) as u32;
            let (high, low) = ((place >> 16) as u16, (place & 0xffff) as u16);
            let mut draws = self.stream.at(self.key.step, self.key.call, high, low);
            for value in values {
                if draws.uniform() >= p {
                    *value = kept;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    fn dropping(p: f64, call: u64) -> Dropping {
        Dropping { p, stream: Stream::new(5, "dropout"), key: DrawKey { step: 2, call } }
    }

    fn factors(p: f64, call: u64, shape: &[usize]) -> Vec<f32> {
        let like = Tensor::zeros(&[1], &Device::cpu()).unwrap();
        dropping(p, call).factors(shape, &like).unwrap().floats().unwrap()
    }

    #[test]
    fn a_share_is_dropped_and_the_others_make_up_for_it() {
        let values = factors(0.25, 0, &[100, 123]);
        let kept = values.iter().filter(|value| **value != 0.0).count() as f64 / values.len() as f64;
        assert!((kept - 0.75).abs() < 0.02, "{kept}");
        assert!(values.iter().all(|value| *value == 0.0 || *value == 1.0 / 0.75));
        assert_eq!(factors(1.0, 0, &[9]), [0.0; 9]);
        assert_eq!(factors(0.5, 0, &[0, 3]), [0.0; 0]);
    }

    #[test]
    fn a_place_gives_the_same_and_another_place_something_else() {
        let first = factors(0.5, 0, &[3 * BLOCK + 7]);
        assert_eq!(first, factors(0.5, 0, &[3 * BLOCK + 7]));
        assert_ne!(first, factors(0.5, 1, &[3 * BLOCK + 7]));
        assert_ne!(first[..BLOCK], first[BLOCK..2 * BLOCK]);
        // A smaller tensor draws what a larger one begins with.
        assert_eq!(first[..BLOCK + 9], factors(0.5, 0, &[BLOCK + 9])[..]);
    }

    #[test]
    fn float64_is_kept_float64() {
        let like = Tensor::from_elements(Elements::Float64(vec![1.0]), &[1], &Device::cpu()).unwrap();
        let values = dropping(0.1, 0).factors(&[50], &like).unwrap();
        assert_eq!(values.dtype(), DType::Float64);
        assert!(values.doubles().unwrap().iter().all(|value| *value == 0.0 || *value == 1.0 / 0.9));
    }
}
