//! A learnt vector for each of some ids.

use super::{Beginning, Init, Layer, Module, Parameter, Role, module::single};
use crate::{
    Error, Result, Tensor,
    options::options,
    tensor::{Kind, size},
};

const OP: &str = "embedding";

options! {
    /// What an embedding is besides its sizes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct EmbeddingOptions {
        /// An id whose vector is 0 and stays so, as that of what fills up short rows.
        pub padding: Option<usize> = None;
        /// The standard deviation of the normal distribution that the vectors start from.
        pub std: f64 = 1.0, in 0.0..;
    }
}

struct Embedding {
    count: usize,
    size: usize,
    /// The number of the first id: 0 inside, and what users count from where they give the ids.
    first: i64,
    options: EmbeddingOptions,
    weight: Parameter,
}

/// Ids of any shape to `[..., size]`: the rows of a weight `[count, size]`, which starts normal. Ids, `padding` among them,
/// count from `first`.
///
/// # Errors
/// No ids, or vectors of no size; a padding that is no id.
pub fn embedding(count: usize, size: usize, first: i64, options: EmbeddingOptions) -> Result<Module> {
    crate::options::Options::check(&options, OP)?;
    for (name, number) in [("count", count), ("size", size)] {
        if number == 0 {
            return Err(Error::argument(OP, name, "at least 1", 0));
        }
    }
    size::product(OP, "the weight", &[count, size])?;
    let last = first + count as i64 - 1;
    if let Some(padding) = options.padding.filter(|padding| !(first..=last).contains(&(*padding as i64))) {
        return Err(Error::argument(OP, "padding", format!("from {first} to {last}"), padding));
    }
    Ok(Module::new(Embedding::new(count, size, first, options)))
}

impl Embedding {
    fn new(count: usize, size: usize, first: i64, options: EmbeddingOptions) -> Self {
        let weight = Parameter::new(&[count, size], Init::Normal { std: options.std }, Role::Weight);
        Self { count, size, first, options, weight }
    }

    /// Ids as positions, each of which there is.
    fn positions(&self, ids: &Tensor) -> Result<Tensor> {
        if ids.kind() != Kind::Int {
            return Err(Error::Kind { op: OP, want: "int32", got: ids.dtype().name() });
        }
        let last = self.first + self.count as i64 - 1;
        if let Some(wrong) = ids.longs(OP)?.into_iter().find(|id| !(self.first..=last).contains(id)) {
            let range = format!("{} to {last}", self.first);
            return Err(Error::OutOfRange { op: OP, what: "id", got: wrong, range });
        }
        ids.sub_scalar(self.first as f64)
    }
}

impl Layer for Embedding {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let Self { count, size, options, .. } = self;
        let mut text = format!("embedding({count}, {size}");
        if let Some(padding) = options.padding {
            text += &format!(", padding = {padding}");
        }
        if options.std != EmbeddingOptions::default().std {
            text += &format!(", std = {}", options.std);
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let ids = single(OP, inputs)?;
        let positions = self.positions(ids)?.reshape(&[ids.len()])?;
        let rows = self.weight.leaf()?.select(0, &positions)?;
        let rows = match self.options.padding {
            Some(padding) => {
                let is_padding = positions.eq_scalar((padding as i64 - self.first) as f64)?;
                rows.masked_fill(&is_padding.unsqueeze(1)?, 0.0)?
            }
            None => rows,
        };
        rows.reshape(&[ids.shape(), &[self.size]].concat())
    }

    fn begin(&self, beginning: &Beginning<'_>) -> Result<()> {
        // As PyTorch stores it. The mask of the forward pass keeps gradients from it.
        match self.options.padding {
            Some(padding) if beginning.is_new("weight") => {
                let row = usize::try_from(padding as i64 - self.first).unwrap_or_default();
                let zeros = Tensor::zeros(&[1, self.size], beginning.device)?;
                let weight = self.weight.value()?;
                let parts = [weight.slice(0, 0, row)?, zeros, weight.slice(0, row + 1, self.count)?];
                self.weight.set(Tensor::cat(&parts, 0)?)
            }
            _ => Ok(()),
        }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.count, self.size, self.first, self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        vec![("weight".into(), self.weight.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    fn plain(count: usize, size: usize, first: i64) -> Module {
        embedding(count, size, first, EmbeddingOptions::default()).unwrap()
    }

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check("embedding", &plain(5, 3, 0));
        check("embedding of one id", &plain(1, 1, 0));
        check("embedding of no ids", &plain(4, 2, 0));
        let padded = EmbeddingOptions { padding: Some(2), ..Default::default() };
        check("embedding with padding", &embedding(4, 3, 0, padded).unwrap());
    }

    #[test]
    fn mistakes_are_told_in_the_numbers_of_the_user() {
        let module = plain(3, 2, 1);
        module.realise("words", 0, &Device::cpu()).unwrap();
        let run = |ids: Vec<i32>| module.forward(&Tensor::from_ints(ids, &[2], &Device::cpu()).unwrap());
        assert_eq!(run(vec![1, 3]).unwrap().shape(), [2, 2]);
        assert_eq!(run(vec![1, 4]).unwrap_err().to_string(), "words: embedding: id 4 is out of range: 1 to 3");
        assert_eq!(run(vec![0, 3]).unwrap_err().to_string(), "words: embedding: id 0 is out of range: 1 to 3");
        let floats = Tensor::zeros(&[2], &Device::cpu()).unwrap();
        let error = module.forward(&floats).unwrap_err().to_string();
        assert_eq!(error, "words: embedding: wants an int32 tensor, got float32");
        let message = |count, size, padding| {
            let options = EmbeddingOptions { padding, ..Default::default() };
            embedding(count, size, 1, options).unwrap_err().to_string()
        };
        assert_eq!(message(3, 2, Some(4)), "embedding: padding must be from 1 to 3, got 4");
        assert_eq!(message(3, 2, Some(0)), "embedding: padding must be from 1 to 3, got 0");
        assert_eq!(message(0, 2, None), "embedding: count must be at least 1, got 0");
    }
}
