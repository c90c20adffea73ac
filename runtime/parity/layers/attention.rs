//! Attention, what is made of it, and vectors of ids.

use std::rc::Rc;

use super::plain::layer;
use crate::{
    Result, Tensor,
    nn::{
        self, EmbeddingOptions, MultiHeadAttentionOptions, StepKeys, TransformerBlockOptions,
        TransformerEncoderLayerOptions, drawing_by,
    },
    options::Options,
    parity::{
        Case, Group,
        derivative::{differentiate, realised},
        noise::{ints, noise},
        tolerance::LAYER,
    },
    rng::{DrawKey, Stream},
    tensor::{Attention, Dropping},
};

pub(super) fn cases() -> Vec<Case> {
    let dropout = Dropping { p: 0.2, stream: Stream::new(2, "attention"), key: DrawKey::default() };
    vec![
        attention("scaled_dot_product_attention", &[], Attention::default()),
        attention("scaled_dot_product_attention, causal", &[], Attention { causal: true, ..Default::default() }),
        attention(
            "scaled_dot_product_attention by a mask, some dropped",
            &[("mask", &[1, 13, 17])],
            Attention { dropout: Some(dropout), ..Default::default() },
        ),
        layer("multi_head_attention", LAYER, &[3, 13, 24], || {
            let options = MultiHeadAttentionOptions::given((3,));
            nn::multi_head_attention(24, MultiHeadAttentionOptions { causal: true, ..options })
        }),
        layer("transformer_block", LAYER, &[3, 13, 24], || {
            nn::transformer_block(24, TransformerBlockOptions::given((3,)))
        }),
        encoder_layer(),
        embedding(),
    ]
}

fn attention(name: &str, more: &'static [(&'static str, &'static [usize])], settings: Attention<'static>) -> Case {
    Case::new(Group::Layer, name, LAYER, move |device| {
        let shapes = [("query", &[2, 3, 13, 9][..]), ("key", &[2, 3, 17, 9]), ("value", &[2, 3, 17, 11])];
        let inputs = shapes.iter().chain(more).map(|(name, shape)| Ok((*name, noise(name, shape, device)?)));
        differentiate(&inputs.collect::<Result<Vec<_>>>()?, |inputs: &[Tensor]| {
            let attention = Attention { mask: inputs.get(3), ..settings };
            inputs[0].scaled_dot_product_attention(&inputs[1], &inputs[2], attention)
        })
    })
}

fn encoder_layer() -> Case {
    Case::new(Group::Layer, "transformer_encoder_layer, some dropped", LAYER, |device| {
        let options = TransformerEncoderLayerOptions { hidden: 37, ..Options::given((3,)) };
        let module = realised(nn::transformer_encoder_layer(24, options)?, device)?;
        differentiate(&[("input", noise("input", &[3, 13, 24], device)?)], |inputs| {
            drawing_by(Rc::new(StepKeys::new(3, 5)), || module.forward(&inputs[0]))
        })
    })
}

fn embedding() -> Case {
    Case::new(Group::Layer, "embedding", LAYER, |device| {
        let options = EmbeddingOptions { padding: Some(3), ..Default::default() };
        let module = realised(nn::embedding(21, 9, 0, options)?, device)?;
        let ids = ints("ids", &[5, 13], [0, 20], device)?;
        let weight = module.own("weight")?.detach();
        differentiate(&[("weight", weight)], |inputs| {
            let named = [("weight".to_owned(), inputs[0].clone())].into();
            Ok(module.functional_call(&named, std::slice::from_ref(&ids))?.remove(0))
        })
    })
}
