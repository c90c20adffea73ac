//! Einstein's sums: an equation names the dims of every operand and of the result, and what the result does not name is
//! summed. Pairs of operands, from left to right, are put in order and multiplied as batches of matrices.

mod equation;
mod operand;

use self::{
    equation::{Equation, Label, OP},
    operand::Operand,
};
use super::Tensor;
use crate::{Error, Result};

impl Tensor {
    /// The sum that an equation describes, as PyTorch's: `"bij,bjk->bik"`. A letter is a dim; one that comes twice in an
    /// operand takes the diagonal; `...` stands for dims that broadcast. Without an arrow the result has the dims of
    /// `...` and the letters that come once, in the order of the alphabet.
    ///
    /// # Errors
    /// An equation that is none, or that does not fit the operands; tensors that are not float, or on several devices;
    /// a result on the way of more than 6 dims.
    pub fn einsum(equation: &str, operands: &[Self]) -> Result<Self> {
        let Some(first) = operands.first() else {
            return Err(Error::argument(OP, "operands", "at least one tensor", "none"));
        };
        for operand in operands {
            operand.want_float(OP)?;
            first.want_device(OP, operand)?;
        }
        let shapes: Vec<&[usize]> = operands.iter().map(Self::shape).collect();
        let equation = Equation::new(equation, &shapes)?;
        let mut left = Vec::new();
        for (tensor, labels) in operands.iter().zip(&equation.operands) {
            left.push(Operand::new(tensor, labels, &equation.sizes)?);
        }
        let mut left = left.into_iter();
        let mut product = left.next().expect("there is a first operand");
        while let Some(next) = left.next() {
            // What is wanted later stays; the rest is summed.
            let is_wanted =
                |label: Label| equation.output.contains(&label) || left.as_slice().iter().any(|o| o.has(label));
            product = product.times(next, is_wanted)?;
        }
        product.arranged(&equation.output)
    }
}
