//! The loss of the triplets within a batch, which are mined by their distances: Schroff et al., FaceNet, 2015; Hermans et
//! al., In Defense of the Triplet Loss for Person Re-Identification, 2017.

use super::operands::{rows, wants_rows};
use crate::{
    Error, Result, Tensor,
    options::{Options, choices, options},
    tensor::Kind,
};

choices! {
    /// Which triplets of a batch count.
    pub enum Mining of "triplet" "mining" {
        /// For each anchor the farthest of its class, and the nearest of all others.
        #[default]
        Hard = "hard",
        /// All whose negative is farther than the positive, but not by the margin.
        SemiHard = "semi_hard",
        /// All whose negative is not farther than the positive by the margin.
        All = "all",
    }
}

options! {
    /// Options of `mb.loss.triplet`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TripletOptions {
        /// Which triplets count: "hard", "semi_hard" or "all".
        pub mining: Mining = Mining::Hard;
        /// By how much the negative should be farther.
        pub margin: f64 = 1.0, in 0.0..;
        /// Whether distances are squared.
        pub squared: bool = false;
    }
}

/// The mean of max(0, d(anchor, positive) − d(anchor, negative) + margin) over the triplets of rows `[N, d]` that are
/// mined by labels `[N]`; 0 where there are none. Labels are read from the device once.
///
/// # Errors
/// Embeddings that are not float rows; labels that are not one int per row; a margin under 0.
pub fn triplet(embeddings: &Tensor, labels: &Tensor, options: TripletOptions) -> Result<Tensor> {
    const OP: &str = "triplet";
    options.check(OP)?;
    let [count, _] = rows(OP, embeddings)?;
    let labels = labels_of(OP, labels, count)?;
    if !has_triplets(&labels) {
        return embeddings.sum(None, false)?.mul_scalar(0.0);
    }
    let distances = match options.squared {
        true => embeddings.squared_distances(embeddings)?,
        false => embeddings.cdist(embeddings, 2.0)?,
    };
    match options.mining {
        Mining::Hard => hardest(&distances, &labels, options.margin),
        mining => of_pairs(&distances, &labels, options.margin, mining),
    }
}

/// The labels of rows.
pub(super) fn labels_of(op: &'static str, labels: &Tensor, rows: usize) -> Result<Vec<i64>> {
    if labels.kind() != Kind::Int {
        return Err(Error::Kind { op, want: Kind::Int.name(), got: labels.dtype().name() });
    }
    if labels.shape() != [rows] {
        return Err(wants_rows(op, format!("wants {rows} labels [{rows}]"), labels));
    }
    labels.longs(op)
}

/// Whether some row has another one of its class, and one of another class.
fn has_triplets(labels: &[i64]) -> bool {
    (0..labels.len()).any(|anchor| is_anchor(labels, anchor))
}

fn is_anchor(labels: &[i64], anchor: usize) -> bool {
    let alike = labels.iter().filter(|label| **label == labels[anchor]).count();
    alike > 1 && alike < labels.len()
}

/// For all pairs of some rows with every row, whether a rule holds of the row's number and the other's.
fn pairs(rows: &[usize], count: usize, like: &Tensor, rule: impl Fn(usize, usize) -> bool) -> Result<Tensor> {
    let truths = rows.iter().flat_map(|row| (0..count).map(|other| rule(*row, other)).collect::<Vec<_>>()).collect();
    Tensor::from_bools(truths, &[rows.len(), count], like.device())
}

fn positions(numbers: &[usize], like: &Tensor) -> Result<Tensor> {
    let numbers: Vec<i32> = numbers.iter().map(|number| *number as i32).collect();
    let count = numbers.len();
    Tensor::from_ints(numbers, &[count], like.device())
}

fn hardest(distances: &Tensor, labels: &[i64], margin: f64) -> Result<Tensor> {
    let anchors: Vec<usize> = (0..labels.len()).filter(|row| is_anchor(labels, *row)).collect();
    let of_anchors = distances.select(0, &positions(&anchors, distances)?)?;
    let masked = |rule: &dyn Fn(usize, usize) -> bool, value: f64| {
        of_anchors.masked_fill(&pairs(&anchors, labels.len(), distances, rule)?, value)
    };
    let is_alike = |row: usize, other: usize| labels[row] == labels[other];
    let near = masked(&|row, other| row == other || !is_alike(row, other), f64::NEG_INFINITY)?.max(Some(1), false)?;
    let far = masked(&is_alike, f64::INFINITY)?.min(Some(1), false)?;
    near.sub(&far)?.add_scalar(margin)?.clamp_min(0.0)?.mean(None, false)
}

/// Every pair of an anchor and a positive beside all negatives: memory for the pairs times the rows.
fn of_pairs(distances: &Tensor, labels: &[i64], margin: f64, mining: Mining) -> Result<Tensor> {
    let count = labels.len();
    let found = (0..count).flat_map(|row| (0..count).map(move |other| (row, other)));
    let found = found.filter(|(row, other)| row != other && labels[*row] == labels[*other]);
    let (anchors, places): (Vec<usize>, Vec<usize>) = found.map(|(row, other)| (row, row * count + other)).unzip();
    let near = distances.reshape(&[count * count])?.select(0, &positions(&places, distances)?)?.unsqueeze(1)?;
    let far = distances.select(0, &positions(&anchors, distances)?)?;
    let losses = near.sub(&far)?.add_scalar(margin)?;
    let mut counts = pairs(&anchors, count, distances, |row, other| labels[row] != labels[other])?;
    // What is NaN counts, so that it is seen.
    counts = counts.logical_and(&losses.le_scalar(0.0)?.logical_not()?)?;
    if mining == Mining::SemiHard {
        counts = counts.logical_and(&far.le(&near)?.logical_not()?)?;
    }
    let number = counts.to_dtype(losses.dtype())?.sum(None, false)?.clamp_min(1.0)?;
    losses.masked_fill(&counts.logical_not()?, 0.0)?.sum(None, false)?.div(&number)
}
