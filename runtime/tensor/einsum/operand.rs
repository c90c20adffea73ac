//! A tensor whose dims have labels, each once.

use std::collections::BTreeMap;

use super::equation::{Label, OP};
use crate::{
    Error, Result, Tensor,
    tensor::shape::{MAX_RANK, check_view},
};

/// A factor of the product.
pub struct Operand {
    tensor: Tensor,
    labels: Vec<Label>,
}

impl Operand {
    /// An operand as it is given: dims of one label become their diagonal, and a dim of 1 that stands beside a larger one
    /// goes.
    pub fn new(tensor: &Tensor, labels: &[Label], sizes: &BTreeMap<Label, usize>) -> Result<Self> {
        let mut own = Self { tensor: tensor.clone(), labels: labels.to_vec() };
        while let Some((first, second)) = own.twice() {
            own = own.diagonal(first, second)?;
        }
        while let Some(dim) =
            (0..own.labels.len()).find(|dim| own.tensor.shape()[*dim] == 1 && sizes[&own.labels[*dim]] > 1)
        {
            own.tensor = own.tensor.squeeze(Some(dim))?;
            own.labels.remove(dim);
        }
        Ok(own)
    }

    /// Whether a dim has this label.
    pub fn has(&self, label: Label) -> bool {
        self.labels.contains(&label)
    }

    fn twice(&self) -> Option<(usize, usize)> {
        let second = |first: usize| (first + 1..self.labels.len()).find(|dim| self.labels[*dim] == self.labels[first]);
        (0..self.labels.len()).find_map(|first| Some((first, second(first)?)))
    }

    fn diagonal(self, first: usize, second: usize) -> Result<Self> {
        let others: Vec<usize> = (0..self.labels.len()).filter(|dim| ![first, second].contains(dim)).collect();
        let tensor = self.tensor.permute(&[others.as_slice(), &[first, second]].concat())?.matrix_diagonals()?;
        let labels = others.iter().chain([&first]).map(|dim| self.labels[*dim]).collect();
        Ok(Self { tensor, labels })
    }

    /// Without the dims that nobody wants, which are summed.
    fn summed(mut self, is_wanted: impl Fn(Label) -> bool) -> Result<Self> {
        while let Some(dim) = self.labels.iter().position(|label| !is_wanted(*label)) {
            self.tensor = self.tensor.sum(Some(dim), false)?;
            self.labels.remove(dim);
        }
        Ok(self)
    }

    /// The product with another one, summed over what nobody wants later.
    pub fn times(self, other: Self, is_wanted: impl Fn(Label) -> bool) -> Result<Self> {
        let left = self.summed(|label| is_wanted(label) || other.has(label))?;
        let right = other.summed(|label| is_wanted(label) || left.has(label))?;
        let (shared, rows): (Vec<Label>, Vec<Label>) = left.labels.iter().copied().partition(|label| right.has(*label));
        let (batch, inner): (Vec<Label>, Vec<Label>) = shared.into_iter().partition(|label| is_wanted(*label));
        let columns: Vec<Label> = right.labels.iter().copied().filter(|label| !left.has(*label)).collect();
        let sizes = [left.sizes(&batch), left.sizes(&rows), right.sizes(&columns)].concat();
        if sizes.len() > MAX_RANK {
            let want = format!("a product on the way has {} dims, a tensor at most {MAX_RANK}", sizes.len());
            return Err(Error::Shape { op: OP.into(), want, got: sizes });
        }
        check_view(OP, &sizes)?;
        let [first, second] = [left.in_order(&[&batch, &rows, &inner])?, right.in_order(&[&batch, &inner, &columns])?];
        let (is_product, is_dot) = (inner.is_empty(), rows.is_empty() && columns.is_empty());
        let product = match () {
            () if is_product => first.mul(&second)?,
            () if is_dot => first.transpose(1, 2)?.mul(&second)?.sum(Some(1), true)?,
            () => first.matmul(&second)?,
        };
        Ok(Self { tensor: product.reshape(&sizes)?, labels: [batch, rows, columns].concat() })
    }

    fn sizes(&self, labels: &[Label]) -> Vec<usize> {
        labels.iter().map(|label| self.tensor.shape()[self.dim(*label)]).collect()
    }

    fn dim(&self, label: Label) -> usize {
        self.labels.iter().position(|own| *own == label).expect("a dim of this operand")
    }

    /// With the dims of each group merged into one.
    fn in_order(&self, groups: &[&Vec<Label>; 3]) -> Result<Tensor> {
        let order: Vec<usize> = groups.iter().flat_map(|group| group.iter()).map(|label| self.dim(*label)).collect();
        let sizes = groups.map(|group| self.sizes(group).iter().product());
        self.tensor.permute(&order)?.reshape(&sizes)
    }

    /// The tensor with its dims as the result has them.
    pub fn arranged(self, output: &[Label]) -> Result<Tensor> {
        let own = self.summed(|label| output.contains(&label))?;
        own.tensor.permute(&output.iter().map(|label| own.dim(*label)).collect::<Vec<_>>())
    }
}
