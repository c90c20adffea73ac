//! The number of threads changes no bit of what is shared out over the cores.

use crate::{
    Device, Tensor,
    rng::{DrawKey, Stream},
    tensor::{Affine, Attention, Pass, grad},
};

/// A number of values, and what is made of them.
type Case = (Vec<usize>, fn(&Tensor) -> Tensor);

fn random(name: &str, shape: &[usize]) -> Tensor {
    Tensor::randn(shape, Stream::new(6, name), DrawKey::default(), &Device::cpu()).unwrap()
}

/// Output and gradient, bit by bit.
fn found((shape, of): &Case) -> Vec<u32> {
    let leaf = random("x", shape).requires_grad().unwrap();
    let output = of(&leaf);
    let loss = output.mul(&random("loss", output.shape())).unwrap().sum(None, false).unwrap();
    let gradients = grad(&[loss], &[None], &[leaf], Pass::default()).unwrap();
    let all = [output, gradients[0].clone()];
    all.iter().flat_map(|tensor| tensor.floats().unwrap()).map(f32::to_bits).collect()
}

#[test]
fn one_two_and_three_threads_give_the_same_bits() {
    let cases: Vec<Case> = vec![
        (vec![3001, 65], |x| x.linear(&random("weight", &[130, 65]), Some(&random("bias", &[130]))).unwrap()),
        (vec![1501, 65], |x| x.softmax(1).unwrap()),
        (vec![1501, 65], |x| x.log_softmax(0).unwrap()),
        (vec![2003, 65], |x| {
            let (weight, bias) = (random("weight", &[65]), random("bias", &[65]));
            let affine = Affine { weight: Some(&weight), bias: Some(&bias) };
            x.standardised("layer_norm", 1, affine, 1e-5).unwrap()
        }),
        (vec![40, 3, 33, 8], |x| x.scaled_dot_product_attention(x, x, Attention::default()).unwrap()),
        (vec![40, 33, 3, 8], |x| {
            let x = x.transpose(1, 2).unwrap();
            x.scaled_dot_product_attention(&x, &x, Attention { causal: true, ..Attention::default() }).unwrap()
        }),
    ];
    for case in &cases {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| found(case))
        };
        let one = on(1);
        assert!(one == on(2) && one == on(3), "{:?}", case.0);
    }
}
