//! Attention with several heads, under PyTorch's names and under timm's.

use super::{Init, Layer, Module, Parameter, Role, drawing::next_draw, linear_from, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
    tensor::{Attention, Dropping, size},
};

const OP: &str = "multi_head_attention";

options! {
    /// What attention with several heads is besides its size.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct MultiHeadAttentionOptions {
        /// How many heads there are: a divisor of the size.
        pub heads: usize, in 1..;
        /// Whether all projections add a bias.
        pub bias: bool = true;
        /// With which probability a weight of attention is dropped in training mode.
        pub dropout: f64 = 0.0, in 0.0..=1.0;
        /// Whether a query sees the keys up to its own place alone.
        pub causal: bool = false;
    }
}

struct MultiHeadAttention {
    size: usize,
    options: MultiHeadAttentionOptions,
    weight: Parameter,
    bias: Option<Parameter>,
    projection: Module,
}

/// Attention of `[N, L, size]`, or `[L, size]`, with several heads (Vaswani et al. 2017): of one input with itself, of
/// queries with keys that are values as well, of queries with keys and values, and of these by a mask. Parameters are
/// PyTorch's: `in_proj_weight`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias`.
///
/// # Errors
/// Heads that do not divide the size; options out of range.
pub fn multi_head_attention(size: usize, options: MultiHeadAttentionOptions) -> Result<Module> {
    options.check(OP)?;
    check_heads(OP, size, options.heads)?;
    size::product(OP, "the size of in_proj_weight", &[3, size, size])?;
    Ok(Module::new(MultiHeadAttention::new(size, options)))
}

/// An error unless the heads divide the size.
pub(super) fn check_heads(op: &'static str, size: usize, heads: usize) -> Result<()> {
    match heads > 0 && size > 0 && size.is_multiple_of(heads) {
        true => Ok(()),
        false => Err(Error::argument(op, "heads", format!("a divisor of the size {size}"), heads)),
    }
}

impl MultiHeadAttention {
    fn new(size: usize, options: MultiHeadAttentionOptions) -> Self {
        // Xavier's uniform distribution of [3 · size, size].
        let bound = (6.0 / (4 * size) as f64).sqrt();
        let weight = Parameter::new(&[3 * size, size], Init::Uniform { bound }, Role::Weight);
        let bias = options.bias.then(|| Parameter::new(&[3 * size], Init::Constant(0.0), Role::Bias));
        let projection = linear_from(size, size, options.bias, None);
        Self { size, options, weight, bias, projection }
    }

    /// x · Wᵀ + b by some of the rows of the three projections: those from one on, of so many.
    fn projected(&self, x: &Tensor, from: usize, count: usize) -> Result<Tensor> {
        if !matches!(x.rank(), 2 | 3) || x.shape()[x.rank() - 1] != self.size {
            let want = format!("wants [N, L, {0}] or [L, {0}]", self.size);
            return Err(Error::Shape { op: OP.into(), want, got: x.shape().to_vec() });
        }
        let rows = |parameter: &Parameter| {
            let whole = parameter.leaf()?;
            let (from, to) = (from * self.size, (from + count) * self.size);
            if count == 3 { Ok(whole) } else { whole.slice(0, from, to) }
        };
        let bias = self.bias.as_ref().map(rows).transpose()?;
        x.linear(&rows(&self.weight)?, bias.as_ref())
    }

    /// Queries, keys and values.
    fn operands(&self, inputs: &[Tensor]) -> Result<[Tensor; 3]> {
        match inputs {
            [x] => apart(OP, &self.projected(x, 0, 3)?),
            [query, keys] => {
                let [keys, values] = apart(OP, &self.projected(keys, 1, 2)?)?;
                Ok([self.projected(query, 0, 1)?, keys, values])
            }
            [query, keys, values] | [query, keys, values, _] => {
                Ok([self.projected(query, 0, 1)?, self.projected(keys, 1, 1)?, self.projected(values, 2, 1)?])
            }
            _ => {
                let want = "one tensor, or queries, keys, values and a mask";
                Err(Error::argument(OP, "input", want, format!("{} tensors", inputs.len())))
            }
        }
    }
}

impl Layer for MultiHeadAttention {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let MultiHeadAttentionOptions { heads, bias, dropout, causal } = self.options;
        let mut text = format!("multi_head_attention({}, heads = {heads}", self.size);
        if !bias {
            text += ", bias = false";
        }
        if dropout != 0.0 {
            text += &format!(", dropout = {dropout}");
        }
        if causal {
            text += ", causal = true";
        }
        text + ")"
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let [query, key, value] = self.operands(inputs)?;
        let heads = |tensor: &Tensor| in_heads(tensor, self.options.heads);
        let attention = Attention {
            mask: inputs.get(3),
            causal: self.options.causal,
            scale: None,
            dropout: dropped(OP, module, self.options.dropout)?,
        };
        let attended = heads(&query)?.scaled_dot_product_attention(&heads(&key)?, &heads(&value)?, attention)?;
        self.projection.forward(&of_heads(&attended)?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.size, self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let bias = self.bias.iter().map(|bias| ("in_proj_bias".into(), bias.clone()));
        std::iter::once(("in_proj_weight".into(), self.weight.clone())).chain(bias).collect()
    }

    fn children(&self) -> Vec<(String, Module)> {
        vec![("out_proj".into(), self.projection.clone())]
    }
}

/// What attention drops in training mode.
fn dropped(op: &'static str, module: &Module, p: f64) -> Result<Option<Dropping>> {
    if !module.is_training() || p == 0.0 {
        return Ok(None);
    }
    let (stream, key) = next_draw(op, module)?;
    Ok(Some(Dropping { p, stream, key }))
}

/// `[..., N · size]` as N of `[..., size]`, whose gradients are put together once.
fn apart<const N: usize>(op: &'static str, all: &Tensor) -> Result<[Tensor; N]> {
    let last = all.rank() - 1;
    let shape = [&all.shape()[..last], &[N, all.shape()[last] / N]].concat();
    let parts = all.reshape(&shape)?.taken_apart(last)?;
    parts.try_into().map_err(|parts: Vec<Tensor>| Error::argument(op, "parts", N.to_string(), parts.len()))
}

/// `[..., L, heads · D]` to `[..., heads, L, D]`.
fn in_heads(tensor: &Tensor, heads: usize) -> Result<Tensor> {
    let rank = tensor.rank();
    let size = tensor.shape()[rank - 1] / heads;
    tensor.reshape(&[&tensor.shape()[..rank - 1], &[heads, size]].concat())?.transpose(rank - 2, rank - 1)
}

/// `[..., heads, L, D]` to `[..., L, heads · D]`.
fn of_heads(tensor: &Tensor) -> Result<Tensor> {
    let rank = tensor.rank();
    let turned = tensor.transpose(rank - 3, rank - 2)?;
    turned.reshape(&[&turned.shape()[..rank - 2], &[turned.shape()[rank - 2] * turned.shape()[rank - 1]]].concat())
}

/// What attention of an input with itself is in timm's vision transformers.
#[derive(Clone, Copy)]
pub(super) struct SelfAttention {
    pub(super) size: usize,
    pub(super) heads: usize,
    pub(super) bias: bool,
    /// Of weights.
    pub(super) dropout: f64,
    pub(super) causal: bool,
    pub(super) init: Option<Init>,
}

impl SelfAttention {
    /// `[..., L, size]` with the parameters `qkv` and `proj`. What comes out is dropped by `last`.
    pub(super) fn module(self, last: Module) -> Module {
        Module::new(InBlock {
            qkv: linear_from(self.size, 3 * self.size, self.bias, self.init),
            proj: linear_from(self.size, self.size, true, self.init),
            last,
            settings: self,
        })
    }
}

struct InBlock {
    settings: SelfAttention,
    qkv: Module,
    proj: Module,
    last: Module,
}

const IN_BLOCK: &str = "attention";

impl Layer for InBlock {
    fn kind(&self) -> &str {
        IN_BLOCK
    }

    fn describe(&self) -> String {
        let SelfAttention { size, heads, bias, dropout, causal, .. } = self.settings;
        format!("attention({size}, {heads}, {bias}, {dropout}, {causal}, {})", self.last.describe())
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let (x, mask) = match inputs {
            [x, mask] => (x, Some(mask)),
            _ => (single(IN_BLOCK, inputs)?, None),
        };
        let SelfAttention { heads, dropout, causal, .. } = self.settings;
        let [query, key, value] = apart(IN_BLOCK, &self.qkv.forward(x)?)?;
        let dropout = dropped(IN_BLOCK, module, dropout)?;
        let attention = Attention { mask, causal, scale: None, dropout };
        let heads = |tensor: &Tensor| in_heads(tensor, heads);
        let attended = heads(&query)?.scaled_dot_product_attention(&heads(&key)?, &heads(&value)?, attention)?;
        self.last.forward(&self.proj.forward(&of_heads(&attended)?)?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self {
            settings: self.settings,
            qkv: self.qkv.fresh(),
            proj: self.proj.fresh(),
            last: self.last.fresh(),
        })
    }

    fn children(&self) -> Vec<(String, Module)> {
        [("qkv", &self.qkv), ("proj", &self.proj), ("proj_drop", &self.last)]
            .map(|(name, part)| (name.into(), part.clone()))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{
            identity,
            reference::{check, check_by},
        },
    };

    fn options(heads: usize) -> MultiHeadAttentionOptions {
        MultiHeadAttentionOptions { heads, bias: true, dropout: 0.0, causal: false }
    }

    fn module(options: MultiHeadAttentionOptions) -> Module {
        multi_head_attention(6, options).unwrap()
    }

    #[test]
    fn attention_itself_is_pytorchs() {
        let run = |name: &str, causal: bool, scale: Option<f64>| {
            check_by(name, &identity(), |inputs| {
                let attention = Attention { mask: inputs.get(3), causal, scale, dropout: None };
                vec![inputs[0].scaled_dot_product_attention(&inputs[1], &inputs[2], attention).unwrap()]
            });
        };
        run("scaled_dot_product_attention", false, None);
        run("scaled_dot_product_attention of 2 dims", false, Some(0.3));
        run("scaled_dot_product_attention, causal", true, None);
        run("scaled_dot_product_attention, causal, more keys", true, None);
        run("scaled_dot_product_attention with a bool mask", false, None);
        run("scaled_dot_product_attention with a float mask", false, None);
        run("scaled_dot_product_attention of one", false, None);
        run("scaled_dot_product_attention of no queries", false, None);
        run("scaled_dot_product_attention of no keys", false, None);
    }

    #[test]
    fn several_heads_are_pytorchs() {
        check("multi_head_attention", &module(options(2)));
        check("multi_head_attention of 2 dims", &module(options(3)));
        check("multi_head_attention without bias", &module(MultiHeadAttentionOptions { bias: false, ..options(2) }));
        check("multi_head_attention, causal", &module(MultiHeadAttentionOptions { causal: true, ..options(2) }));
        check("multi_head_attention of others", &module(options(2)));
        check("multi_head_attention with a mask", &module(options(2)));
    }

    #[test]
    fn mistakes_are_told() {
        let error = multi_head_attention(6, options(4)).unwrap_err().to_string();
        assert_eq!(error, "multi_head_attention: heads must be a divisor of the size 6, got 4");
        let module = module(options(2));
        module.realise("attn", 0, &Device::cpu()).unwrap();
        let error = module.forward(&Tensor::zeros(&[2, 5], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "attn: multi_head_attention: wants [N, L, 6] or [L, 6], got shape [2, 5]");
        let error = module.call(&[]).unwrap_err().to_string();
        assert_eq!(
            error,
            "attn: multi_head_attention: input must be one tensor, or queries, keys, values and a mask, got 0 tensors"
        );
    }
}
