//! How alike two ways are to put rows into groups, whatever the groups are called.

use std::collections::BTreeMap;

use super::predictions::want_ints;
use crate::{
    Error, Result, Tensor,
    options::{choices, options},
};

choices! {
    /// By which mean of two entropies their mutual information is divided.
    pub enum NmiAverage of "nmi" "average" {
        /// Half their sum.
        #[default]
        Arithmetic = "arithmetic",
        /// The root of their product.
        Geometric = "geometric",
        /// The smaller one.
        Min = "min",
        /// The larger one.
        Max = "max",
    }
}

options! {
    /// Options of `mb.metric.nmi`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct NmiOptions {
        /// The mean of the two entropies: "arithmetic", "geometric", "min" or "max".
        pub average: NmiAverage = NmiAverage::Arithmetic;
    }
}

/// How many rows are of which group in either way.
struct Contingency {
    both: BTreeMap<(i64, i64), f64>,
    left: BTreeMap<i64, f64>,
    right: BTreeMap<i64, f64>,
    rows: f64,
}

impl Contingency {
    fn read(op: &'static str, left: &Tensor, right: &Tensor) -> Result<Self> {
        want_ints(op, left)?;
        want_ints(op, right)?;
        if left.rank() != 1 || left.shape() != right.shape() {
            return Err(Error::Unfit {
                op,
                left: left.shape().to_vec(),
                right: right.shape().to_vec(),
                rule: "it wants a group for each row, [N] and [N]".into(),
            });
        }
        let mut found =
            Self { both: BTreeMap::new(), left: BTreeMap::new(), right: BTreeMap::new(), rows: left.len() as f64 };
        for (one, other) in left.longs(op)?.into_iter().zip(right.longs(op)?) {
            *found.both.entry((one, other)).or_default() += 1.0;
            *found.left.entry(one).or_default() += 1.0;
            *found.right.entry(other).or_default() += 1.0;
        }
        Ok(found)
    }

    fn entropy(&self, groups: &BTreeMap<i64, f64>) -> f64 {
        groups.values().map(|count| -(count / self.rows) * (count / self.rows).ln()).sum()
    }

    fn mutual_information(&self) -> f64 {
        let term = |((left, right), count): (&(i64, i64), &f64)| {
            let expected = self.left[left] * self.right[right] / self.rows;
            count / self.rows * (count / expected).ln()
        };
        self.both.iter().map(term).sum::<f64>().max(0.0)
    }
}

/// The mutual information of two groupings `[N]`, ints, divided by a mean of their entropies: 1 where they are the same up
/// to names, 0 where neither says anything of the other. 1 where both have one group, or no row.
///
/// # Errors
/// Groupings that are not ints of one length.
pub fn nmi(left: &Tensor, right: &Tensor, options: NmiOptions) -> Result<f64> {
    let found = Contingency::read("nmi", left, right)?;
    if found.left.len() <= 1 && found.left.len() == found.right.len() {
        return Ok(1.0);
    }
    let shared = found.mutual_information();
    // What is left of rounding is nothing; an entropy may be 0 then.
    if shared <= f64::EPSILON {
        return Ok(0.0);
    }
    let (one, other) = (found.entropy(&found.left), found.entropy(&found.right));
    let mean = match options.average {
        NmiAverage::Arithmetic => f64::midpoint(one, other),
        NmiAverage::Geometric => (one * other).sqrt(),
        NmiAverage::Min => one.min(other),
        NmiAverage::Max => one.max(other),
    };
    Ok(shared / mean.max(f64::EPSILON))
}

/// The adjusted Rand index of two groupings `[N]`, ints (Hubert and Arabie 1985): 1 where they are the same up to names,
/// 0 on average where they are drawn at random, −½ at least.
///
/// # Errors
/// Groupings that are not ints of one length.
pub fn ari(left: &Tensor, right: &Tensor) -> Result<f64> {
    let found = Contingency::read("ari", left, right)?;
    let squares = |counts: &mut dyn Iterator<Item = f64>| counts.map(|count| count * count).sum::<f64>();
    let both = squares(&mut found.both.values().copied());
    let together = both - found.rows;
    let right_only = squares(&mut found.right.values().copied()) - both;
    let left_only = squares(&mut found.left.values().copied()) - both;
    let apart = found.rows * found.rows - left_only - right_only - both;
    if left_only == 0.0 && right_only == 0.0 {
        return Ok(1.0);
    }
    let chance = (together + left_only) * (left_only + apart) + (together + right_only) * (right_only + apart);
    Ok(2.0 * (together * apart - left_only * right_only) / chance)
}
