//! Vision transformers: "An Image is Worth 16x16 Words" (Dosovitskiy et al., ICLR 2021), with timm's names.

use crate::{
    Error, Result, Tensor,
    nn::{
        Conv2dOptions, Init, Layer, LayerNormOptions, Module, Parameter, Role, TransformerBlockOptions, conv2d,
        layer_norm, sequential, transformer_block,
    },
    options::{Options, choices, options},
    tensor::size,
};

/// Added to the variance by the norms, as in timm.
const EPSILON: f64 = 1e-6;
/// Of the weights' normal distribution.
const STD: f64 = 0.02;
/// Of the class token's.
const TOKEN_STD: f64 = 1e-6;

choices! {
    /// What an image's features are.
    pub enum VitPool of "vit" "pool" {
        /// The class token.
        #[default]
        Token = "token",
        /// The mean over the patches.
        Mean = "avg",
    }
}

options! {
    /// What distinguishes two vision transformers of one size.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct VitOptions {
        /// The side of the images.
        pub image: usize = 224, in 1.., unit "pixels";
        /// The side of a patch, which divides that.
        pub patch: usize = 16, in 1.., unit "pixels";
        /// How many blocks there are.
        pub depth: usize = 12, in 1..=100;
        /// The size of a token: 192 in vit_tiny and 384 in vit_small unless given.
        pub dim: Option<usize> = None, in 1..;
        /// How many heads attention has, a divisor of the size: 3 in vit_tiny and 6 in vit_small unless given.
        pub heads: Option<usize> = None, in 1..;
        /// The hidden size of a block's perceptron, over the size of a token.
        pub mlp_ratio: f64 = 4.0;
        /// The probability with which a residual branch of the last block is dropped, for each image; it grows from 0 in the
        /// first block (Huang et al. 2016).
        pub drop_path: f64 = 0.0, in 0.0..=1.0;
        /// The probability with which a value is dropped behind a projection and in a perceptron.
        pub drop: f64 = 0.0, in 0.0..=1.0;
        /// The probability with which a weight of attention is dropped.
        pub attn_drop: f64 = 0.0, in 0.0..=1.0;
        /// What the features are: the class token, "token", or the mean over the patches, "avg".
        pub pool: VitPool = VitPool::Token;
        /// Channels of the images.
        pub channels: usize = 3, in 1..;
    }
}

struct Vit {
    name: &'static str,
    options: VitOptions,
    dim: usize,
    class: Parameter,
    places: Parameter,
    patches: Module,
    blocks: Module,
    norm: Module,
}

/// ViT-Ti: `[N, channels, image, image]` to features `[N, dim]`.
///
/// # Errors
/// A patch that does not divide the image; heads that do not divide the size; options of which no network can be made.
pub fn vit_tiny(options: VitOptions) -> Result<Module> {
    vit("vit_tiny", [192, 3], options)
}

/// ViT-S: `[N, channels, image, image]` to features `[N, dim]`. Errors as [`vit_tiny`].
pub fn vit_small(options: VitOptions) -> Result<Module> {
    vit("vit_small", [384, 6], options)
}

fn vit(name: &'static str, [dim, heads]: [usize; 2], options: VitOptions) -> Result<Module> {
    options.check(name)?;
    let VitOptions { image, patch, depth, channels, drop_path, drop, attn_drop, mlp_ratio, .. } = options;
    let (dim, heads) = (options.dim.unwrap_or(dim), options.heads.unwrap_or(heads));
    if !image.is_multiple_of(patch) {
        return Err(Error::argument(name, "patch", format!("a divisor of the image's side, {image}"), patch));
    }
    let count = size::product(name, "patches", &[image / patch, image / patch])?;
    size::product(name, "pos_embed", &[count + 1, dim])?;
    let kernel = Conv2dOptions::square(patch, patch, 0);
    let block = |number: usize| {
        let share = if depth > 1 { number as f64 / (depth - 1) as f64 } else { 0.0 };
        let own = TransformerBlockOptions {
            mlp_ratio,
            drop,
            attn_drop,
            drop_path: drop_path * share,
            epsilon: EPSILON,
            std: Some(STD),
            ..TransformerBlockOptions::given((heads,))
        };
        transformer_block(dim, own)
    };
    let blocks = sequential((0..depth).map(block).collect::<Result<_>>()?);
    let norm = layer_norm(&[dim], LayerNormOptions { epsilon: EPSILON, ..Default::default() })?;
    let patches = Module::new(Patches(conv2d(channels, dim, kernel)?));
    // Both are added to tokens or stand in for one: timm takes no decay from them, as from biases.
    Ok(Module::new(Vit {
        name,
        options: VitOptions { dim: Some(dim), heads: Some(heads), ..options },
        dim,
        class: Parameter::new(&[1, 1, dim], Init::Normal { std: TOKEN_STD }, Role::Bias),
        places: Parameter::new(&[1, count + 1, dim], Init::Normal { std: STD }, Role::Bias),
        patches,
        blocks,
        norm,
    }))
}

/// `[N, C, H, W]` to a token for each patch, `[N, patches, dim]`, row by row.
struct Patches(Module);

impl Layer for Patches {
    fn kind(&self) -> &str {
        "patch_embed"
    }

    fn describe(&self) -> String {
        format!("patch_embed({})", self.0.describe())
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        self.0.call(inputs)?.flatten(2, 3)?.transpose(1, 2)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self(self.0.fresh()))
    }

    fn children(&self) -> Vec<(String, Module)> {
        vec![("proj".into(), self.0.clone())]
    }
}

impl Vit {
    fn check(&self, images: &Tensor) -> Result<()> {
        let VitOptions { image, channels, .. } = self.options;
        if images.rank() == 4 && images.shape()[1..] == [channels, image, image] {
            return Ok(());
        }
        let want = format!("wants [N, {channels}, {image}, {image}]");
        Err(Error::Shape { op: self.name.into(), want, got: images.shape().to_vec() })
    }
}

impl Layer for Vit {
    fn kind(&self) -> &str {
        self.name
    }

    fn describe(&self) -> String {
        let VitOptions { image, patch, depth, dim, heads, pool, .. } = self.options;
        let VitOptions { mlp_ratio, drop_path, drop, attn_drop, channels, .. } = self.options;
        let (dim, heads) = (dim.unwrap_or(self.dim), heads.unwrap_or_default());
        let mut text = format!("{}(image = {image}, patch = {patch}, depth = {depth}, dim = {dim}", self.name);
        text += &format!(", heads = {heads}, pool = {pool}");
        let usual = VitOptions::default();
        let others = [
            ("mlp_ratio", mlp_ratio, usual.mlp_ratio),
            ("drop_path", drop_path, usual.drop_path),
            ("drop", drop, usual.drop),
            ("attn_drop", attn_drop, usual.attn_drop),
            ("channels", channels as f64, usual.channels as f64),
        ];
        for (name, value, _) in others.iter().filter(|(_, value, usual)| value != usual) {
            text += &format!(", {name} = {value}");
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let images = super::images(self.name, inputs)?;
        self.check(images)?;
        let count = images.shape()[0];
        let class = self.class.leaf()?.expand(&[count, 1, self.dim])?;
        let tokens = Tensor::cat(&[class, self.patches.forward(images)?], 1)?.add(&self.places.leaf()?)?;
        let tokens = self.blocks.forward(&tokens)?;
        match self.options.pool {
            // Of one token alone the norm is the same as of all, and then that one.
            VitPool::Token => self.norm.forward(&tokens)?.at(1, 0),
            VitPool::Mean => {
                let patches = tokens.slice(1, 1, tokens.shape()[1])?;
                self.norm.forward(&patches.mean(Some(1), false)?)
            }
        }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self {
            name: self.name,
            options: self.options,
            dim: self.dim,
            class: self.class.fresh(),
            places: self.places.fresh(),
            patches: self.patches.fresh(),
            blocks: self.blocks.fresh(),
            norm: self.norm.fresh(),
        })
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        vec![("cls_token".into(), self.class.clone()), ("pos_embed".into(), self.places.clone())]
    }

    fn children(&self) -> Vec<(String, Module)> {
        // timm's norm behind the mean has another name, and the other one is none.
        let norm = if self.options.pool == VitPool::Token { "norm" } else { "fc_norm" };
        [("patch_embed", &self.patches), ("blocks", &self.blocks), (norm, &self.norm)]
            .map(|(name, part)| (name.to_owned(), part.clone()))
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::structure_fixture::{check_network, check_shapes},
    };

    fn small(image: usize, patch: usize, dim: usize, depth: usize, heads: usize) -> VitOptions {
        let (dim, heads) = (Some(dim), Some(heads));
        VitOptions { image, patch, dim, depth, heads, ..Default::default() }
    }

    #[test]
    fn values_gradients_names_and_shapes_are_timms() {
        check_network("vit", &vit_tiny(small(16, 4, 12, 3, 3)).unwrap());
        let pooled = VitOptions { pool: VitPool::Mean, mlp_ratio: 2.0, ..small(8, 4, 8, 2, 2) };
        check_network("vit pooled", &vit_tiny(pooled).unwrap());
        check_shapes("vit_tiny", &vit_tiny(VitOptions::default()).unwrap());
        check_shapes("vit_small", &vit_small(VitOptions::default()).unwrap());
    }

    #[test]
    fn options_and_images_that_do_not_fit_are_told() {
        let told = |options| vit_tiny(options).unwrap_err().to_string();
        let error = told(VitOptions { patch: 15, ..Default::default() });
        assert_eq!(error, "vit_tiny: patch must be a divisor of the image's side, 224, got 15");
        assert!(told(VitOptions { heads: Some(5), ..Default::default() }).contains("heads"));
        let network = vit_tiny(small(8, 4, 8, 1, 2)).unwrap();
        network.realise("encoder", 0, &Device::cpu()).unwrap();
        assert_eq!(network.describe(), "vit_tiny(image = 8, patch = 4, depth = 1, dim = 8, heads = 2, pool = token)");
        let error = network.forward(&Tensor::zeros(&[2, 3, 8, 12], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "encoder: vit_tiny: wants [N, 3, 8, 8], got shape [2, 3, 8, 12]");
    }
}
