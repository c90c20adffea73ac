//! Recurrent layers: every output and every state.

use crate::{
    Result, Tensor,
    nn::{self, Module, RecurrentOptions},
    parity::{
        Case, Group,
        derivative::{differentiate, realised},
        noise::noise,
        tolerance::LAYER,
    },
};

pub(super) fn cases() -> Vec<Case> {
    let both = RecurrentOptions { layers: 2, bidirectional: true, ..Default::default() };
    vec![of("gru, two layers both ways", move || nn::gru(9, 13, both), &[]), {
        let state: &[(&str, &[usize])] = &[("state", &[1, 3, 13]), ("cell", &[1, 3, 13])];
        of("lstm from a state", || nn::lstm(9, 13, RecurrentOptions::default()), state)
    }]
}

fn of(
    name: &str,
    make: impl Fn() -> Result<Module> + 'static,
    more: &'static [(&'static str, &'static [usize])],
) -> Case {
    Case::new(Group::Layer, name, LAYER, move |device| {
        let module = realised(make()?, device)?;
        let inputs = [("input", &[3, 7, 9][..])].into_iter().chain(more.iter().copied());
        let inputs = inputs.map(|(name, shape)| Ok((name, noise(name, shape, device)?))).collect::<Result<Vec<_>>>()?;
        differentiate(&inputs, |inputs: &[Tensor]| {
            let outputs = module.call_all(inputs)?;
            Tensor::cat(&outputs.iter().map(|output| output.reshape(&[output.len()])).collect::<Result<Vec<_>>>()?, 0)
        })
    })
}
