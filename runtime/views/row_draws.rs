//! Random numbers for the views of a batch, each a function of its view alone: what a function that stands between
//! transforms draws by.

use std::cell::Cell;

use crate::{
    Device, Error, Result, Tensor,
    augment::View,
    memory,
    rng::{Draws, Stream},
};

/// The draws of some views. Each call takes the next operation of every view.
pub struct RowDraws {
    rows: Vec<View>,
    stream: Stream,
    step: u64,
    device: Device,
    operation: Cell<u16>,
}

impl RowDraws {
    /// The draws of some views from a stream at a step, as tensors on a device.
    pub fn new(rows: &[View], stream: Stream, step: u64, device: &Device) -> Self {
        Self { rows: rows.to_vec(), stream, step, device: device.clone(), operation: Cell::new(0) }
    }

    /// How many views there are, B.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Uniform floats from `low` to `high`, [B, …sizes].
    ///
    /// # Errors
    /// Bounds that are not finite, or in the wrong order; too many numbers.
    pub fn uniform(&self, low: f64, high: f64, sizes: &[usize]) -> Result<Tensor> {
        const OP: &str = "uniform";
        let is_finite = |number: f64| (number as f32).is_finite();
        if !(is_finite(low) && is_finite(high) && is_finite(high - low) && low <= high) {
            return Err(Error::argument(OP, "low", "finite, and at most high", format!("{low} and {high}")));
        }
        self.floats(OP, sizes, |draws| draws.range(low as f32, high as f32))
    }

    /// Normal floats of a mean and a standard deviation, [B, …sizes].
    ///
    /// # Errors
    /// A mean or deviation that is not finite, or a negative deviation; too many numbers.
    pub fn normal(&self, mean: f64, deviation: f64, sizes: &[usize]) -> Result<Tensor> {
        const OP: &str = "normal";
        if !((mean as f32).is_finite() && (10.0 * deviation) as f32 <= f32::MAX && deviation >= 0.0) {
            let got = format!("{mean} and {deviation}");
            return Err(Error::argument(OP, "mean and std", "finite, std at least 0", got));
        }
        self.floats(OP, sizes, |draws| mean as f32 + deviation as f32 * draws.normal())
    }

    /// Whether something happens that has a probability: bool [B, …sizes].
    ///
    /// # Errors
    /// A probability outside 0 to 1; too many numbers.
    pub fn chance(&self, probability: f64, sizes: &[usize]) -> Result<Tensor> {
        const OP: &str = "chance";
        if !(0.0..=1.0).contains(&probability) {
            return Err(Error::argument(OP, "p", "from 0 to 1", probability));
        }
        let (values, shape) = self.drawn(OP, sizes, |draws| draws.chance(probability as f32))?;
        Tensor::from_bools(values, &shape, &self.device)
    }

    /// Whole numbers from `low` to `high`, both included: int [B, …sizes].
    ///
    /// # Errors
    /// Bounds in the wrong order, or that int32 lacks; too many numbers.
    pub fn integer(&self, low: i64, high: i64, sizes: &[usize]) -> Result<Tensor> {
        const OP: &str = "integer";
        let int = |number: i64| i32::try_from(number).ok();
        let (Some(low), Some(high)) = (int(low), int(high).filter(|_| low <= high)) else {
            return Err(Error::argument(OP, "low", "an int32, and at most high", format!("{low} and {high}")));
        };
        // All of int32 has one number more than `below` can be asked for.
        let count = (i64::from(high) - i64::from(low) + 1).min(i64::from(u32::MAX)) as u32;
        let draw = |draws: &mut Draws| (i64::from(low) + i64::from(draws.below(count))) as i32;
        let (values, shape) = self.drawn(OP, sizes, draw)?;
        Tensor::from_ints(values, &shape, &self.device)
    }

    fn floats(&self, op: &'static str, sizes: &[usize], draw: impl FnMut(&mut Draws) -> f32) -> Result<Tensor> {
        let (values, shape) = self.drawn(op, sizes, draw)?;
        Tensor::from_floats(values, &shape, &self.device)
    }

    /// Numbers for every view, and their shape.
    fn drawn<T>(
        &self,
        op: &'static str,
        sizes: &[usize],
        mut draw: impl FnMut(&mut Draws) -> T,
    ) -> Result<(Vec<T>, Vec<usize>)> {
        let shape = [&[self.rows.len()], sizes].concat();
        memory::check_room(op, shape.iter().fold(4usize, |all, size| all.saturating_mul(*size)))?;
        let operation = self.operation.get();
        self.operation.set(operation.wrapping_add(1));
        let each: usize = sizes.iter().product();
        let mut values = Vec::with_capacity(self.rows.len() * each);
        for row in &self.rows {
            let mut draws = row.draws(&self.stream, self.step, operation);
            values.extend((0..each).map(|_| draw(&mut draws)));
        }
        Ok((values, shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(rows: &[View]) -> RowDraws {
        RowDraws::new(rows, Stream::new(3, "rows"), 7, &Device::cpu())
    }

    #[test]
    fn a_row_draws_the_same_in_any_batch_and_other_numbers_each_time() {
        let rows: Vec<View> = (0..5).map(|image| View { image, turn: 0, number: 1 }).collect();
        let (whole, part) = (draws(&rows), draws(&rows[2..4]));
        for _ in 0..2 {
            let [whole, part] = [&whole, &part].map(|draws| draws.uniform(-1.0, 1.0, &[2]).unwrap().floats().unwrap());
            assert_eq!(whole[4..8], part);
            assert!(whole.iter().all(|x| (-1.0..1.0).contains(x)));
        }
        let [first, second] = [0, 1].map(|_| whole.normal(0.0, 1.0, &[]).unwrap().floats().unwrap());
        assert_ne!(first, second);
    }

    #[test]
    fn integers_and_chances_keep_to_their_ends() {
        let rows: Vec<View> = (0..300).map(|image| View { image, turn: 0, number: 0 }).collect();
        let draws = draws(&rows);
        let integers = draws.integer(-1, 1, &[]).unwrap().ints("integer").unwrap();
        assert!([-1, 0, 1].iter().all(|wanted| integers.contains(wanted)));
        assert!(integers.iter().all(|integer| (-1..=1).contains(integer)));
        assert!(draws.integer(i32::MIN.into(), i32::MAX.into(), &[]).is_ok());
        let message = draws.integer(2, 1, &[]).unwrap_err().to_string();
        assert_eq!(message, "integer: low must be an int32, and at most high, got 2 and 1");
        assert!(draws.uniform(1.0, f64::NAN, &[]).is_err() && draws.normal(0.0, -1.0, &[]).is_err());
        assert!(draws.chance(1.5, &[]).is_err());
    }
}
