//! The text of an equation, read against the shapes of its operands.

use std::collections::BTreeMap;

use crate::{Error, Result, position::number};

/// The operation, for messages.
pub const OP: &str = "einsum";

/// A dim by its name. Those that an ellipsis stands for come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// So many from the end of an ellipsis.
    Rest(std::cmp::Reverse<usize>),
    /// Its letter.
    Letter(char),
}

/// What each operand's dims are, which the result has, and how large they are.
#[derive(Debug)]
pub struct Equation {
    pub operands: Vec<Vec<Label>>,
    pub output: Vec<Label>,
    pub sizes: BTreeMap<Label, usize>,
}

/// The labels of one operand or of the result.
struct Side {
    before: Vec<Label>,
    /// Those behind the ellipsis, if there is one.
    after: Option<Vec<Label>>,
}

impl Side {
    fn new(text: &str) -> Result<Self> {
        let read = |part: &str| -> Result<Vec<Label>> {
            let letters = part.chars().filter(|letter| !letter.is_whitespace());
            let label = |letter: char| match letter.is_ascii_alphabetic() {
                true => Ok(Label::Letter(letter)),
                false => {
                    let reason = format!("an equation has letters, commas, ... and one ->, not '{letter}'");
                    Err(Error::State { op: OP, reason })
                }
            };
            letters.map(label).collect()
        };
        match text.split_once("...") {
            Some((before, after)) => Ok(Self { before: read(before)?, after: Some(read(after)?) }),
            None => Ok(Self { before: read(text)?, after: None }),
        }
    }

    fn letters(&self) -> impl Iterator<Item = Label> + '_ {
        self.before.iter().chain(self.after.iter().flatten()).copied()
    }

    /// With so many dims where the ellipsis is.
    fn labels(&self, rest: usize) -> Vec<Label> {
        let rest = (1..=rest).rev().map(|place| Label::Rest(std::cmp::Reverse(place)));
        let rest: Vec<Label> = if self.after.is_some() { rest.collect() } else { Vec::new() };
        [self.before.as_slice(), &rest, self.after.as_deref().unwrap_or_default()].concat()
    }
}

impl Equation {
    /// Reads an equation of tensors of these shapes.
    ///
    /// # Errors
    /// A text that is none; a number of operands, of dims, or a size that does not fit.
    pub fn new(text: &str, shapes: &[&[usize]]) -> Result<Self> {
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(Side::new(right)?)),
            None => (text, None),
        };
        let sides = left.split(',').map(Side::new).collect::<Result<Vec<_>>>()?;
        if sides.len() != shapes.len() {
            let got = format!("{} tensors", shapes.len());
            return Err(Error::argument(OP, "operands", format!("the {} of the equation", sides.len()), got));
        }
        let (mut sizes, mut operands, mut most) = (BTreeMap::new(), Vec::new(), 0);
        for (position, (side, shape)) in sides.iter().zip(shapes).enumerate() {
            let count = side.letters().count();
            if count > shape.len() || (count < shape.len() && side.after.is_none()) {
                let want = format!("operand {} has {count} subscripts in the equation", number(position));
                return Err(Error::Shape { op: OP.into(), want, got: shape.to_vec() });
            }
            most = most.max(shape.len() - count);
            let labels = side.labels(shape.len() - count);
            for (dim, (label, size)) in labels.iter().zip(*shape).enumerate() {
                let known = sizes.entry(*label).or_insert(*size);
                let first = labels.iter().position(|other| other == label).unwrap_or(dim);
                let differs = *known != *size && *known != 1 && *size != 1;
                if differs || shape[first] != *size {
                    let what = match label {
                        Label::Letter(letter) => format!("subscript {letter}"),
                        Label::Rest(_) => "a dim of ...".into(),
                    };
                    let before = if differs { *known } else { shape[first] };
                    let reason = format!("{what} is {size} in operand {} and {before} before", number(position));
                    return Err(Error::State { op: OP, reason });
                }
                *known = if *known == 1 { *size } else { *known };
            }
            operands.push(labels);
        }
        let output = match right {
            Some(side) => side.labels(most),
            None => implicit(&operands),
        };
        for (position, label) in output.iter().enumerate() {
            if let Label::Letter(letter) = label {
                if !sizes.contains_key(label) {
                    return Err(Error::State {
                        op: OP,
                        reason: format!("subscript {letter} of the result is in no operand"),
                    });
                }
                if output[..position].contains(label) {
                    return Err(Error::State { op: OP, reason: format!("the result has subscript {letter} twice") });
                }
            }
        }
        Ok(Self { operands, output, sizes })
    }
}

/// The dims of the ellipsis, and the letters that come once.
fn implicit(operands: &[Vec<Label>]) -> Vec<Label> {
    let mut counts: BTreeMap<Label, usize> = BTreeMap::new();
    operands.iter().flatten().for_each(|label| *counts.entry(*label).or_default() += 1);
    let is_in = |(label, count): &(Label, usize)| matches!(label, Label::Rest(_)) || *count == 1;
    counts.into_iter().filter(is_in).map(|(label, _)| label).collect()
}
