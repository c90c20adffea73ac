use super::{part::split, *};
use crate::{
    Device,
    rng::{DrawKey, Stream},
    tensor::{
        Dropping, Pass,
        fixture::{at_once_and_recorded, worst},
        grad,
    },
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
fn heads_one_by_one_are_what_all_at_once_are() {
    // One head; few; as they come from a projection, of many images; one query, one key; more keys than queries.
    for (leads, queries, keys) in
        [(&[][..], 7, 9), (&[2, 3], 65, 65), (&[17, 4], 9, 9), (&[20, 2], 1, 1), (&[3], 40, 900)]
    {
        for causal in [false, true] {
            let shaped = |name: &str, rows: usize, columns: usize| {
                let front = leads.len();
                let mut lying = [leads, &[rows, columns]].concat();
                if front > 0 {
                    lying.swap(front - 1, front);
                }
                let leaf = random(name, &lying).requires_grad().unwrap();
                let turned = if front > 0 { leaf.transpose(front - 1, front).unwrap() } else { leaf.clone() };
                (leaf, turned)
            };
            let (q, query) = shaped("q", queries, 5);
            let (k, key) = shaped("k", keys, 5);
            let (v, value) = shaped("v", keys, 3);
            let attention = Attention { causal, ..Attention::default() };
            let output = query.attend([&key, &value], attention, AT_ONCE).unwrap();
            let by_parts = query.attend([&key, &value], attention, 1).unwrap();
            assert!(worst(&output, &by_parts) < 2e-6, "{leads:?}");
            for [at_once, recorded] in at_once_and_recorded(&output, &[q, k, v]) {
                assert!(worst(&at_once, &recorded) < 2e-5, "{leads:?} {causal}");
            }
        }
    }
}

#[test]
fn heads_one_by_one_take_operands_however_they_lie_and_whatever_they_hold() {
    let base = random("base", &[2, 3, 20, 9, 4]);
    let queries = [
        base.transpose(2, 3).unwrap(),
        base.flip(3).unwrap().slice(2, 3, 17).unwrap(),
        random("one", &[2, 3, 1, 1, 4]).expand(&[2, 3, 5, 9, 4]).unwrap(),
    ];
    for query in queries {
        let leads = &query.shape()[..3];
        for keys in [2, 9, 30] {
            let key = random("key", &[leads, &[4, keys]].concat()).transpose(3, 4).unwrap();
            let value = random("value", &[leads, &[keys, 3]].concat());
            for causal in [false, true] {
                let attention = Attention { causal, ..Attention::default() };
                let own = query.attend([&key, &value], attention, AT_ONCE).unwrap();
                let by_parts = query.attend([&key, &value], attention, 1).unwrap();
                assert!(worst(&own, &by_parts) < 2e-6, "{keys} {causal}");
                let leaf = value.requires_grad().unwrap();
                let output = query.attend([&key, &leaf], attention, AT_ONCE).unwrap();
                for [at_once, recorded] in at_once_and_recorded(&output, &[leaf]) {
                    assert!(worst(&at_once, &recorded) < 2e-5, "{keys} {causal}");
                }
            }
        }
    }
    let value = random("value", &[1, 2, 3]);
    for infinite in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let key = Tensor::from_floats(vec![infinite, 1.0], &[1, 2, 1], &Device::cpu()).unwrap();
        let query = Tensor::ones(&[1, 2, 1], &Device::cpu()).unwrap();
        let of = |at_once| query.attend([&key, &value], Attention::default(), at_once).unwrap().floats().unwrap();
        let bits = |values: Vec<f32>| values.iter().map(|value| value.is_nan()).collect::<Vec<_>>();
        assert_eq!(bits(of(AT_ONCE)), bits(of(1)), "{infinite}");
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
