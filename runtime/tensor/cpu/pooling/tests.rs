//! Pooling of both orders of elements against one another.

use crate::{
    Device,
    rng::{DrawKey, Stream},
    tensor::{Tensor, Window, cpu, gradients},
};

/// The same images in row-major order, and channels last.
fn both(shape: [usize; 4]) -> [Tensor; 2] {
    let [n, c, h, w] = shape;
    let drawn = Tensor::randn(&shape, Stream::new(5, "pool"), DrawKey::default(), &Device::cpu()).unwrap();
    // Equal values, so that the first of them is chosen.
    let drawn = drawn.mul_scalar(4.0).unwrap().round().unwrap();
    let last = drawn.permute(&[0, 2, 3, 1]).unwrap().floats().unwrap();
    let last = Tensor::from_floats(last, &[n, h, w, c], &Device::cpu()).unwrap().permute(&[0, 3, 1, 2]).unwrap();
    assert!(cpu::is_channels_last(&last) && !cpu::is_channels_last(&drawn));
    [drawn, last]
}

/// Values, the gradient of a weighted sum, and the gradient of a sum of squares of that.
fn results(images: &Tensor, pool: impl Fn(&Tensor) -> Tensor) -> [Vec<f32>; 3] {
    let images = images.requires_grad().unwrap();
    let output = pool(&images);
    let weight = Tensor::randn(output.shape(), Stream::new(6, "by"), DrawKey::default(), &Device::cpu()).unwrap();
    let weight = weight.requires_grad().unwrap();
    let loss = output.mul(&weight).unwrap().sum(None, false).unwrap();
    let pass = crate::tensor::Pass { create_graph: true, retain_graph: true };
    let slope = crate::tensor::grad(&[loss], &[None], &[images], pass).unwrap().remove(0);
    let squares = slope.mul(&slope).unwrap().sum(None, false).unwrap();
    let second = gradients(&squares, &[weight]).unwrap().remove(0);
    [output, slope, second].map(|tensor| tensor.floats().unwrap())
}

type Pool = Box<dyn Fn(&Tensor) -> Tensor>;

#[test]
fn values_and_gradients_of_both_orders_of_elements_are_equal() {
    let window = |kernel, stride, padding| Window { kernel, stride, padding };
    for shape in [[2, 3, 7, 5], [3, 64, 9, 9], [1, 70, 8, 6], [5, 130, 4, 4], [2, 2, 12, 13]] {
        let images = both(shape);
        let mut pools: Vec<(&str, Pool)> = vec![
            ("global", Box::new(|x| x.global_avg_pool().unwrap())),
            ("adaptive", Box::new(|x| x.adaptive_avg_pool2d([3, 2]).unwrap())),
            ("adaptive, overlapping", Box::new(|x| x.adaptive_avg_pool2d([4, 3]).unwrap())),
        ];
        for window in [
            window([2, 2], [2, 2], [0, 0]),
            window([3, 3], [2, 2], [1, 1]),
            window([3, 2], [1, 1], [0, 1]),
            window([1, 1], [2, 3], [0, 0]),
            window([2, 3], [3, 3], [1, 0]),
        ] {
            pools.push(("max", Box::new(move |x| x.max_pool2d(window).unwrap())));
            pools.push(("mean", Box::new(move |x| x.avg_pool2d(window).unwrap())));
        }
        for (place, (name, pool)) in pools.iter().enumerate() {
            let [rows, last] = images.each_ref().map(|images| results(images, pool));
            for order in 0..3 {
                let worst = rows[order].iter().zip(&last[order]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                let is_close = rows[order].len() == last[order].len() && worst < 1e-5;
                assert!(is_close, "{name} ({place}) of {shape:?}, order {order}: off by {worst}");
            }
        }
    }
}

#[test]
fn what_is_pooled_channels_last_lies_so_and_so_does_its_gradient() {
    let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    let images = both([2, 5, 9, 9])[1].requires_grad().unwrap();
    for pool in [Tensor::max_pool2d, Tensor::avg_pool2d] {
        let output = pool(&images, window).unwrap();
        assert!(cpu::is_channels_last(&output));
        let by = gradients(&output.sum(None, false).unwrap(), std::slice::from_ref(&images)).unwrap();
        assert!(cpu::is_channels_last(&by[0]));
    }
    let by = gradients(&images.global_avg_pool().unwrap().sum(None, false).unwrap(), &[images]).unwrap();
    assert!(cpu::is_channels_last(&by[0]));
}

#[test]
fn nan_is_the_largest_and_infinities_stay_in_their_windows() {
    let images = both([1, 3, 4, 4])[1].clone();
    let mut values = images.floats().unwrap();
    (values[5], values[16]) = (f32::NAN, f32::INFINITY);
    values[32..48].fill(f32::NEG_INFINITY);
    let images = Tensor::from_floats(values, &[1, 3, 4, 4], &Device::cpu()).unwrap();
    let last = images.permute(&[0, 2, 3, 1]).unwrap().floats().unwrap();
    let last = Tensor::from_floats(last, &[1, 4, 4, 3], &Device::cpu()).unwrap().permute(&[0, 3, 1, 2]).unwrap();
    let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    for pool in [Tensor::max_pool2d, Tensor::avg_pool2d] {
        let [want, got] = [&images, &last].map(|images| {
            pool(images, window).unwrap().floats().unwrap().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
        });
        let same = |(a, b): (&u32, &u32)| a == b || f32::from_bits(*a).is_nan() && f32::from_bits(*b).is_nan();
        assert!(want.iter().zip(&got).all(same), "{want:?} {got:?}");
    }
}

#[test]
fn one_two_and_three_threads_give_the_same_bits() {
    let window = Window { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
    let found = [1, 2, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let [_, images] = both([7, 33, 18, 15]);
            let mut all = results(&images, |x| x.max_pool2d(window).unwrap()).concat();
            all.extend(results(&images, |x| x.avg_pool2d(window).unwrap()).concat());
            all
        })
    });
    assert!(found[0] == found[1] && found[1] == found[2]);
}
