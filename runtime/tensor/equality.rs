//! Whether two states are one and the same, bit for bit.

use std::collections::BTreeMap;

use super::{Elements, Tensor};
use crate::Result;

/// The name of the first tensor that only one of two states has, or that differs in a bit; none where all are equal.
///
/// # Errors
/// A device failed.
pub fn first_difference(a: &BTreeMap<String, Tensor>, b: &BTreeMap<String, Tensor>) -> Result<Option<String>> {
    if let Some(name) =
        a.keys().find(|name| !b.contains_key(*name)).or_else(|| b.keys().find(|name| !a.contains_key(*name)))
    {
        return Ok(Some(name.clone()));
    }
    for ((name, a), b) in a.iter().zip(b.values()) {
        let equal = a.shape() == b.shape()
            && match (a.elements()?, b.elements()?) {
                (Elements::Float(a), Elements::Float(b)) => a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()),
                (Elements::Float64(a), Elements::Float64(b)) => {
                    a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits())
                }
                (Elements::Float16(a), Elements::Float16(b)) => {
                    a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits())
                }
                (Elements::BFloat16(a), Elements::BFloat16(b)) => {
                    a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits())
                }
                (a, b) => a == b,
            };
        if !equal {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn a_single_bit_a_kind_a_shape_or_a_name_makes_a_difference() {
        let device = Device::cpu();
        let floats = |values: Vec<f32>, shape: &[usize]| Tensor::from_floats(values, shape, &device).unwrap();
        let state = |tensor: Tensor| {
            BTreeMap::from([("same".to_owned(), floats(vec![f32::NAN], &[1])), ("w".to_owned(), tensor)])
        };
        let old = state(floats(vec![0.0, 1.0], &[2]));
        assert_eq!(first_difference(&old, &old.clone()).unwrap(), None);
        let ints = Tensor::from_ints(vec![0, 1], &[2], &device).unwrap();
        for other in [floats(vec![-0.0, 1.0], &[2]), floats(vec![0.0, 1.0], &[2, 1]), ints] {
            assert_eq!(first_difference(&old, &state(other)).unwrap().as_deref(), Some("w"));
        }
        let mut more = old.clone();
        more.insert("b".into(), floats(vec![1.0], &[1]));
        assert_eq!(first_difference(&old, &more).unwrap().as_deref(), Some("b"));
    }
}
