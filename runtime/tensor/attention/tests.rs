use super::*;
use crate::{
    Device,
    rng::{DrawKey, Stream},
    tensor::{Pass, grad},
};

fn random(name: &str, shape: &[usize]) -> Tensor {
    Tensor::randn(shape, Stream::new(4, name), DrawKey::default(), &Device::cpu()).unwrap()
}

/// Output and all gradients, of attention by so many scores at once.
fn found(leads: &[usize], mask: Option<&[usize]>, causal: bool, p: f64, at_once: usize) -> Vec<Vec<f32>> {
    let shaped = |name: &str, tail: [usize; 2]| random(name, &[leads, &tail].concat()).requires_grad().unwrap();
    let mut inputs = vec![shaped("q", [7, 5]), shaped("k", [9, 5]), shaped("v", [9, 4])];
    inputs.extend(mask.map(|shape| random("mask", shape).requires_grad().unwrap()));
    let dropout = (p > 0.0).then(|| Dropping { p, stream: Stream::new(1, "drop"), key: DrawKey::default() });
    let attention = Attention { mask: inputs.get(3), causal, scale: None, dropout };
    let output = inputs[0].attend([&inputs[1], &inputs[2]], attention, at_once).unwrap();
    let loss = output.mul(&random("loss", output.shape())).unwrap().sum(None, false).unwrap();
    let gradients = grad(&[loss], &[None], &inputs, Pass::default()).unwrap();
    [vec![output], gradients].concat().iter().map(|tensor| tensor.floats().unwrap()).collect()
}

#[test]
fn it_does_not_matter_how_scores_are_split() {
    let masks: [(&[usize], Option<&[usize]>); 6] = [
        (&[4, 3], None),
        (&[4, 3], Some(&[7, 9])),
        (&[4, 3], Some(&[4, 1, 1, 9])),
        (&[4, 3], Some(&[4, 3, 7, 9])),
        (&[5], Some(&[5, 7, 1])),
        (&[], Some(&[7, 9])),
    ];
    for (leads, mask) in masks {
        for (causal, p) in [(false, 0.0), (true, 0.0), (true, 0.4)] {
            let whole = found(leads, mask, causal, p, 1 << 20);
            for at_once in [1, 20, 63 * 3 * 2] {
                let parts = found(leads, mask, causal, p, at_once);
                for (whole, part) in whole.iter().zip(&parts) {
                    let worst = whole.iter().zip(part).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                    assert!(whole.len() == part.len() && worst < 2e-5, "{leads:?} {mask:?} {causal} {p}: {worst}");
                }
            }
        }
    }
}

#[test]
fn a_part_is_no_larger_than_it_may_be() {
    for (scores, at_once) in [(vec![4, 3, 7, 9], 100), (vec![64, 7, 9], 200), (vec![1, 1, 5000, 5000], AT_ONCE)] {
        let each: usize = scores[1..scores.len() - 2].iter().product::<usize>() * scores[scores.len() - 1];
        let parts = split(&scores, at_once);
        let sizes = parts.iter().flat_map(|(first, rows)| rows.iter().map(|row| first.len() * row.len() * each));
        let sizes: Vec<usize> = sizes.collect();
        assert!(sizes.iter().all(|size| *size <= at_once), "{sizes:?}");
        assert_eq!(sizes.iter().sum::<usize>(), scores.iter().product::<usize>());
    }
}

#[test]
fn mistakes_are_told() {
    let zeros = |shape: &[usize]| Tensor::zeros(shape, &Device::cpu()).unwrap();
    let message = |q: &[usize], k: &[usize], v: &[usize], mask: Option<Tensor>| {
        let attention = Attention { mask: mask.as_ref(), ..Default::default() };
        zeros(q).scaled_dot_product_attention(&zeros(k), &zeros(v), attention).unwrap_err().to_string()
    };
    assert_eq!(
        message(&[5], &[3, 5], &[3, 2], None),
        "scaled_dot_product_attention: wants queries [..., L, E], got shape [5]"
    );
    assert_eq!(
        message(&[2, 4, 5], &[2, 3, 6], &[2, 3, 2], None),
        "scaled_dot_product_attention: [2, 4, 5] and [2, 3, 6] do not fit: keys are [..., S, E] for queries [..., \
         L, E]"
    );
    assert_eq!(
        message(&[4, 5], &[3, 5], &[4, 2], None),
        "scaled_dot_product_attention: [3, 5] and [4, 2] do not fit: values are [..., S, V] for keys [..., S, E]"
    );
    assert_eq!(
        message(&[4, 5], &[3, 5], &[3, 2], Some(zeros(&[3, 4]))),
        "scaled_dot_product_attention: [4, 3] and [3, 4] do not fit: a mask broadcasts to the scores [..., L, S]"
    );
}
