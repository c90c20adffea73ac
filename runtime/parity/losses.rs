//! Every loss, and the heads of few-shot tasks put together from operations.

use super::{
    Case, Group,
    derivative::differentiate,
    noise::{ints, noise},
    tolerance::LAYER,
};
use crate::{
    Result, Tensor,
    loss::{self, CrossEntropyOptions, NtXentOptions, nt_xent},
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        loss("nt_xent, 2 views", &[66, 35], |z| nt_xent(z, NtXentOptions::default())),
        loss("nt_xent, 4 views, sharp", &[64, 64], |z| nt_xent(z, NtXentOptions { views: 4, temperature: 0.07 })),
        loss("cross_entropy", &[37, 21], |z| {
            cross_entropy(&z.mul_scalar(4.0)?, &ints("labels", &[37], [0, 20], z.device())?)
        }),
        loss("prototypes, 5 ways", &[45, 65], |z| {
            let (support, query) = (z.slice(0, 0, 15)?, z.slice(0, 15, 45)?);
            let prototypes = support.reshape(&[5, 3, 65])?.mean(Some(1), false)?;
            cross_entropy(&query.squared_distances(&prototypes)?.mul_scalar(-0.1)?, &query_labels(z)?)
        }),
        loss("ridge, 5 ways", &[45, 65], |z| {
            let (support, query) = (z.slice(0, 0, 15)?, z.slice(0, 15, 45)?);
            let numbers = Tensor::arange(0, 14, 1, z.device())?;
            let classes = numbers.floor_div(&Tensor::arange(3, 3, 1, z.device())?)?.one_hot(5)?;
            let kernel = support.matmul(&support.transpose(0, 1)?)?.add(&numbers.one_hot(15)?)?;
            let weights = support.transpose(0, 1)?.matmul(&kernel.solve_spd(&classes)?)?;
            cross_entropy(&query.matmul(&weights)?.mul_scalar(4.0)?, &query_labels(z)?)
        }),
    ]
}

fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    loss::cross_entropy(logits, labels, &CrossEntropyOptions::default())
}

fn query_labels(z: &Tensor) -> Result<Tensor> {
    ints("query labels", &[30], [0, 4], z.device())
}

pub(super) fn loss(
    name: &'static str,
    shape: &'static [usize],
    f: impl Fn(&Tensor) -> Result<Tensor> + 'static,
) -> Case {
    Case::new(Group::Loss, name, LAYER, move |device| {
        differentiate(&[("z", noise(name, shape, device)?)], |inputs| f(&inputs[0]))
    })
}
