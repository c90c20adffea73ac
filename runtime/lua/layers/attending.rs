//! Attention, and what is made of it.

use crate::{
    Result, Tensor,
    lua::{api::Api, context::Context, object::named},
    nn::{self, Activation},
    options::{Options, options},
    rng::Stream,
    tensor::{Attention, Dropping},
};

named! {
    Activation;
}

options! {
    /// Options of `mb.nn.scaled_dot_product_attention`.
    pub struct AttentionOptions {
        /// Broadcasts to the scores [..., L, S]: bools that are true where a key takes part, or floats that are added.
        pub mask: Option<Tensor> = None;
        /// Whether query i sees the keys up to the i-th alone.
        pub causal: bool = false;
        /// With which probability a weight is dropped: a draw of the step, whatever the mode of any module.
        pub dropout: f64 = 0.0, in 0.0..=1.0;
        /// What scores are multiplied by: 1 / √E by default.
        pub scale: Option<f64> = None;
    }
}

const OP: &str = "scaled_dot_product_attention";

fn attend(cx: Context, query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions) -> Result<Tensor> {
    options.check(OP)?;
    let AttentionOptions { mask, causal, dropout: p, scale } = options;
    let dropping = || Dropping { p, stream: Stream::new(cx.seed, OP), key: cx.next_draw(OP) };
    let dropout = (p > 0.0).then(dropping);
    query.scaled_dot_product_attention(&key, &value, Attention { mask: mask.as_ref(), causal, scale, dropout })
}

pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.scaled_dot_product_attention",
        "query, key, value, options",
        "softmax(q kᵀ / √E + mask) v (Vaswani et al. 2017), one operation: queries [..., L, E], keys [..., S, E] and values \
         [..., S, V] give [..., L, V]. Memory grows with L and S, not with their product: scores are computed part by part, \
         and once more for the gradients (Rabe and Staats 2021). Second gradients hold all scores. A query to which no key \
         takes part gives 0.",
        attend,
    )
    .example(
        r"local q, k, v = mb.rand(2, 3, 4), mb.rand(2, 5, 4), mb.rand(2, 5, 6)
local y = mb.nn.scaled_dot_product_attention(q, k, v)
local weights = (q:matmul(k:transpose()) / 2):softmax(3)
print(y:allclose(weights:matmul(v))) --> true
local first = mb.nn.scaled_dot_product_attention(v, v, v, { causal = true })[1][1]
print(first:allclose(v[1][1])) --> true",
    );
    api.function(
        "nn.multi_head_attention",
        "size, options",
        "Attention with several heads (Vaswani et al. 2017) of [N, L, size] or [L, size]: of x with itself, attn(x); of \
         queries with others, attn(q, kv) or attn(q, k, v); and attn(q, k, v, mask), where the mask broadcasts to [N, heads, \
         L, S] and is true where a key takes part (PyTorch's layer has it the other way round), or is added. One that says \
         for each row which keys are there is [N, 1, 1, S]. Parameters are PyTorch's: in_proj_weight, in_proj_bias, \
         out_proj.",
        nn::multi_head_attention,
    )
    .example(
        r#"local attn = mb.nn.multi_head_attention(8, { heads = 2 }):realise("attn")
local x, context = mb.rand(3, 5, 8), mb.rand(3, 7, 8)
print(table.concat(attn(x).shape, " x "), table.concat(attn(x, context).shape, " x ")) --> 3 x 5 x 8 3 x 5 x 8
print(table.concat(attn.in_proj_weight.shape, " x ")) --> 24 x 8"#,
    );
    api.function(
        "nn.transformer_block",
        "size, options",
        "A block of a vision transformer (Dosovitskiy et al. 2021), [N, L, size] to the same: x + attn(norm1(x)), then x + \
         mlp(norm2(x)), with gelu and the names of timm's: norm1, attn.qkv, attn.proj, norm2, mlp.fc1, mlp.fc2. A second \
         input is a mask of attention that broadcasts to [N, heads, L, L], [N, 1, 1, L] for what fills up short rows.",
        nn::transformer_block,
    )
    .example(
        r#"local block = mb.nn.transformer_block(8, { heads = 2, drop_path = 0.1 }):realise("block")
print(table.concat(block(mb.rand(3, 5, 8)).shape, " x ")) --> 3 x 5 x 8
print(table.concat(block.attn.qkv.weight.shape, " x ")) --> 24 x 8"#,
    );
    api.function(
        "nn.transformer_encoder_layer",
        "size, options",
        "PyTorch's TransformerEncoderLayer, batch first, [N, L, size] to the same, with its names: self_attn, linear1, \
         linear2, norm1, norm2. A second input is a mask of attention that broadcasts to [N, heads, \
         L, L], true where a key takes part; [N, 1, 1, L] for what fills up short rows.",
        nn::transformer_encoder_layer,
    )
    .example(
        r#"local layer = mb.nn.transformer_encoder_layer(8, { heads = 2, hidden = 16 }):realise("layer")
print(table.concat(layer(mb.rand(3, 5, 8)).shape, " x "), layer:numel()) --> 3 x 5 x 8 600"#,
    );
}
