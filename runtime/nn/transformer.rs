//! Blocks of transformers: attention and a perceptron, each in a residual branch. One has timm's names, for vision
//! transformers; the other PyTorch's.

use super::{
    Function, GeluOptions, Init, Layer, LayerNormOptions, Module, MultiHeadAttentionOptions,
    attention::{SelfAttention, check_heads},
    chain::chain,
    drop_path, dropout, function, layer_norm, linear, linear_from, multi_head_attention, relu,
};
use crate::{
    Error, Result, Tensor,
    options::{Options, choices, options, over},
    tensor::size,
};

choices! {
    /// The activation of a perceptron.
    pub enum Activation of "transformer_encoder_layer" "activation" {
        /// max(x, 0).
        #[default]
        Relu = "relu",
        /// x · Φ(x).
        Gelu = "gelu",
    }
}

options! {
    /// What a block of a vision transformer is besides its size.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TransformerBlockOptions {
        /// How many heads attention has: a divisor of the size.
        pub heads: usize, in 1..;
        /// The perceptron's hidden size over the block's.
        pub mlp_ratio: f64 = 4.0, in over(0.0);
        /// Whether queries, keys and values have a bias.
        pub qkv_bias: bool = true;
        /// With which probability a value is dropped behind a projection and in the perceptron.
        pub drop: f64 = 0.0, in 0.0..=1.0;
        /// With which probability a weight of attention is dropped.
        pub attn_drop: f64 = 0.0, in 0.0..=1.0;
        /// With which probability a residual branch is dropped, for each row on its own.
        pub drop_path: f64 = 0.0, in 0.0..=1.0;
        /// Whether a place sees those up to itself alone.
        pub causal: bool = false;
        /// Whether norms stand in front of the branches, or behind the sums.
        pub norm_first: bool = true;
        /// What the norms add to the variance.
        pub epsilon: f64 = 1e-6, in over(0.0);
        /// The standard deviation of the normal distribution that weights start from, PyTorch's for linear layers where
        /// there is none. Biases start at 0.
        pub std: Option<f64> = None, in 0.0..;
    }

    /// What an encoder layer of a transformer is besides its size.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TransformerEncoderLayerOptions {
        /// How many heads attention has: a divisor of the size.
        pub heads: usize, in 1..;
        /// The perceptron's hidden size.
        pub hidden: usize = 2048, in 1..;
        /// With which probability a value, or a weight of attention, is dropped.
        pub dropout: f64 = 0.1, in 0.0..=1.0;
        /// What stands between the perceptron's layers.
        pub activation: Activation = Activation::Relu;
        /// Whether norms stand in front of the branches, or behind the sums.
        pub norm_first: bool = false;
        /// Whether a place sees those up to itself alone.
        pub causal: bool = false;
        /// What the norms add to the variance.
        pub epsilon: f64 = 1e-5, in over(0.0);
    }
}

/// A module with its name in a block.
type Part = (&'static str, Module);

/// A residual branch: a norm, modules one after another, and what drops values of the result.
struct Branch {
    norm: Part,
    body: Vec<Part>,
    drop: Part,
}

/// Two residual branches, attention first.
struct Block {
    kind: &'static str,
    text: String,
    norm_first: bool,
    branches: [Branch; 2],
}

/// `[N, L, size]` to the same: x + attn(norm1(x)), then x + mlp(norm2(x)) (Dosovitskiy et al. 2021), with timm's names:
/// `norm1`, `attn.qkv`, `attn.proj`, `norm2`, `mlp.fc1`, `mlp.fc2`. A second input is a mask of attention.
///
/// # Errors
/// Heads that do not divide the size; options out of range.
pub fn transformer_block(size: usize, options: TransformerBlockOptions) -> Result<Module> {
    const OP: &str = "transformer_block";
    options.check(OP)?;
    let TransformerBlockOptions { heads, mlp_ratio, qkv_bias, drop, attn_drop, drop_path: path, causal, .. } = options;
    let TransformerBlockOptions { norm_first, epsilon, std, .. } = options;
    check_heads(OP, size, heads)?;
    let hidden = (size as f64 * mlp_ratio) as usize;
    if hidden == 0 {
        return Err(Error::argument(OP, "mlp_ratio", "such that the hidden size is at least 1", mlp_ratio));
    }
    size::product(OP, "the size of mlp.fc1", &[size, hidden])?;
    let init = std.map(|std| Init::Normal { std });
    let attention = SelfAttention { size, heads, bias: qkv_bias, dropout: attn_drop, causal, init };
    let mlp = chain(
        "mlp",
        vec![
            ("fc1", linear_from(size, hidden, true, init)),
            ("act", function(Function::Gelu(GeluOptions::default()))?),
            ("drop1", dropout(drop)?),
            ("fc2", linear_from(hidden, size, true, init)),
            ("drop2", dropout(drop)?),
        ],
    );
    let norm = || layer_norm(&[size], LayerNormOptions { epsilon, ..Default::default() });
    let first = Branch {
        norm: ("norm1", norm()?),
        body: vec![("attn", attention.module(dropout(drop)?))],
        drop: ("drop_path1", drop_path(path)?),
    };
    let second = Branch { norm: ("norm2", norm()?), body: vec![("mlp", mlp)], drop: ("drop_path2", drop_path(path)?) };
    let text = told(
        format!("{OP}({size}, heads = {heads}, mlp_ratio = {mlp_ratio}, epsilon = {epsilon}"),
        &[
            ("qkv_bias", !qkv_bias, "false".into()),
            ("drop", drop != 0.0, drop.to_string()),
            ("attn_drop", attn_drop != 0.0, attn_drop.to_string()),
            ("drop_path", path != 0.0, path.to_string()),
            ("causal", causal, "true".into()),
            ("norm_first", !norm_first, "false".into()),
            ("std", std.is_some(), std.unwrap_or_default().to_string()),
        ],
    );
    Ok(Module::new(Block { kind: OP, text, norm_first, branches: [first, second] }))
}

/// PyTorch's `TransformerEncoderLayer`, batch first, with its names: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`.
/// A second input is a mask of attention.
///
/// # Errors
/// As [`transformer_block`].
pub fn transformer_encoder_layer(size: usize, options: TransformerEncoderLayerOptions) -> Result<Module> {
    const OP: &str = "transformer_encoder_layer";
    options.check(OP)?;
    let TransformerEncoderLayerOptions { heads, hidden, dropout: p, activation, norm_first, causal, epsilon } = options;
    check_heads(OP, size, heads)?;
    size::product(OP, "the size of linear1", &[size, hidden])?;
    let attention = MultiHeadAttentionOptions { heads, bias: true, dropout: p, causal };
    let norm = || layer_norm(&[size], LayerNormOptions { epsilon, ..Default::default() });
    let activated = match activation {
        Activation::Relu => relu(),
        Activation::Gelu => function(Function::Gelu(GeluOptions::default()))?,
    };
    let first = Branch {
        norm: ("norm1", norm()?),
        body: vec![("self_attn", multi_head_attention(size, attention)?)],
        drop: ("dropout1", dropout(p)?),
    };
    let second = Branch {
        norm: ("norm2", norm()?),
        body: vec![
            ("linear1", linear(size, hidden, true)),
            ("activation", activated),
            ("dropout", dropout(p)?),
            ("linear2", linear(hidden, size, true)),
        ],
        drop: ("dropout2", dropout(p)?),
    };
    let text = told(
        format!("{OP}({size}, heads = {heads}, hidden = {hidden}, dropout = {p}, epsilon = {epsilon}"),
        &[
            ("activation", activation != Activation::Relu, format!("\"{activation}\"")),
            ("norm_first", norm_first, "true".into()),
            ("causal", causal, "true".into()),
        ],
    );
    Ok(Module::new(Block { kind: OP, text, norm_first, branches: [first, second] }))
}

/// A description with those options that are not what they usually are.
fn told(mut text: String, options: &[(&str, bool, String)]) -> String {
    for (name, _, value) in options.iter().filter(|(_, is_told, _)| *is_told) {
        text += &format!(", {name} = {value}");
    }
    text + ")"
}

impl Branch {
    fn of(&self, x: &Tensor, mask: Option<&Tensor>, norm_first: bool) -> Result<Tensor> {
        let (norm, drop) = (&self.norm.1, &self.drop.1);
        let mut value = if norm_first { norm.forward(x)? } else { x.clone() };
        for (_, part) in &self.body {
            value = match mask {
                Some(mask) if part.kind() == "attention" => part.call(&[value, mask.clone()])?,
                Some(mask) => part.call(&[value.clone(), value.clone(), value, mask.clone()])?,
                None => part.forward(&value)?,
            };
        }
        let sum = x.add(&drop.forward(&value)?)?;
        if norm_first { Ok(sum) } else { norm.forward(&sum) }
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        std::iter::once(&self.norm).chain(&self.body).chain([&self.drop])
    }

    fn fresh(&self) -> Self {
        let fresh = |(name, part): &Part| (*name, part.fresh());
        Self { norm: fresh(&self.norm), body: self.body.iter().map(fresh).collect(), drop: fresh(&self.drop) }
    }
}

impl Layer for Block {
    fn kind(&self) -> &str {
        self.kind
    }

    fn describe(&self) -> String {
        self.text.clone()
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let (x, mask) = match inputs {
            [x] => (x, None),
            [x, mask] => (x, Some(mask)),
            _ => {
                let got = format!("{} tensors", inputs.len());
                return Err(Error::argument(self.kind, "input", "one tensor, or one and a mask", got));
            }
        };
        let [first, second] = &self.branches;
        second.of(&first.of(x, mask, self.norm_first)?, None, self.norm_first)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let branches = self.branches.each_ref().map(Branch::fresh);
        Box::new(Self { kind: self.kind, text: self.text.clone(), norm_first: self.norm_first, branches })
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.branches.iter().flat_map(Branch::parts).map(|(name, part)| ((*name).to_owned(), part.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::{
        Device,
        nn::{StepKeys, drawing_by, fixture::noise, reference::check},
    };

    fn block(change: impl FnOnce(&mut TransformerBlockOptions)) -> Module {
        let mut options = TransformerBlockOptions::given((2,));
        change(&mut options);
        transformer_block(6, options).unwrap()
    }

    fn encoder(change: impl FnOnce(&mut TransformerEncoderLayerOptions)) -> Module {
        let mut options = TransformerEncoderLayerOptions::given((2,));
        (options.hidden, options.dropout) = (9, 0.0);
        change(&mut options);
        transformer_encoder_layer(6, options).unwrap()
    }

    #[test]
    fn a_block_is_timms() {
        check("transformer_block", &block(|options| options.mlp_ratio = 2.0));
        check(
            "transformer_block without qkv bias",
            &block(|options| (options.qkv_bias, options.mlp_ratio) = (false, 1.5)),
        );
    }

    #[test]
    fn an_encoder_layer_is_pytorchs() {
        check("transformer_encoder_layer", &encoder(|_| ()));
        check(
            "transformer_encoder_layer, pre-norm",
            &encoder(|options| {
                (options.norm_first, options.activation) = (true, Activation::Gelu);
            }),
        );
        check("transformer_encoder_layer, causal", &encoder(|options| options.causal = true));
        check("transformer_encoder_layer with a mask", &encoder(|_| ()));
    }

    #[test]
    fn names_are_timms() {
        let names: Vec<String> = block(|_| ()).parameters().into_iter().map(|(name, _)| name).collect();
        let want = [
            "norm1.weight",
            "norm1.bias",
            "attn.qkv.weight",
            "attn.qkv.bias",
            "attn.proj.weight",
            "attn.proj.bias",
            "norm2.weight",
            "norm2.bias",
            "mlp.fc1.weight",
            "mlp.fc1.bias",
            "mlp.fc2.weight",
            "mlp.fc2.bias",
        ];
        assert_eq!(names, want);
    }

    #[test]
    fn a_draw_of_each_of_its_parts_is_its_own_and_a_dropped_path_is_the_input() {
        let device = Device::cpu();
        let x = noise("input", &[3, 4, 6]);
        let all = block(|options| (options.drop, options.attn_drop, options.drop_path) = (0.2, 0.2, 0.2));
        all.realise("block", 1, &device).unwrap();
        let run = |step| drawing_by(Rc::new(StepKeys::new(0, step)), || all.forward(&x)).unwrap().floats().unwrap();
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
        let none = block(|options| options.drop_path = 1.0);
        none.realise("block", 1, &device).unwrap();
        let y = drawing_by(Rc::new(StepKeys::new(0, 0)), || none.forward(&x)).unwrap();
        assert_eq!(y.floats().unwrap(), x.floats().unwrap());
    }

    #[test]
    fn it_says_what_it_is_and_what_is_wrong() {
        let module = block(|options| (options.drop_path, options.qkv_bias) = (0.1, false));
        assert_eq!(
            module.describe(),
            "transformer_block(6, heads = 2, mlp_ratio = 4, epsilon = 0.000001, qkv_bias = false, drop_path = 0.1)"
        );
        let error = transformer_block(6, TransformerBlockOptions::given((5,))).unwrap_err().to_string();
        assert_eq!(error, "transformer_block: heads must be a divisor of the size 6, got 5");
        module.realise("block", 0, &Device::cpu()).unwrap();
        let error = module.forward(&Tensor::zeros(&[2, 5], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "block.norm1: layer_norm: wants [..., 6], got shape [2, 5]");
    }
}
