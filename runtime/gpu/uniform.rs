//! Scalars by the names of a uniform's fields, as the bytes that the device reads.

use burn::tensor::f16;

use super::{Number, interface::Uniform};

impl Uniform {
    /// The struct's bytes. `value` gives each field's value.
    ///
    /// # Errors
    /// A value that its field's type cannot hold, as a reason that names the field.
    pub(super) fn bytes(&self, value: impl Fn(&str) -> Option<f64>) -> Result<Vec<u8>, String> {
        // Drivers read uniforms as vectors of four words, and one that ends within such a vector gives zeros on some.
        let mut bytes = vec![0; self.bytes.next_multiple_of(16)];
        for field in &self.fields {
            let name = &field.name;
            let value = value(name).ok_or_else(|| format!("field '{name}' of the uniform has no value"))?;
            let encoded = encode(field.number, value)
                .ok_or_else(|| format!("field '{name}' is {}, which {value} is not", field.number.name()))?;
            let end = field.offset + field.number.bytes();
            bytes[field.offset..end].copy_from_slice(&encoded[..field.number.bytes()]);
        }
        Ok(bytes)
    }
}

/// The bytes of a number, those of an f16 first. Any number fits into an f32, rounded; one that is finite must be so as an
/// f16; integers must be whole and in range.
fn encode(number: Number, value: f64) -> Option<[u8; 4]> {
    let whole = value.fract() == 0.0;
    match number {
        Number::Half => {
            let half = f16::from_f64(value);
            let [low, high] = half.to_ne_bytes();
            (half.is_finite() || !value.is_finite()).then_some([low, high, 0, 0])
        }
        Number::Float => Some((value as f32).to_ne_bytes()),
        Number::Int if whole && i32::try_from(value as i64).is_ok() => Some((value as i32).to_ne_bytes()),
        Number::Unsigned if whole && u32::try_from(value as i64).is_ok() => Some((value as u32).to_ne_bytes()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_wanted_where_the_field_is_an_integer() {
        assert_eq!(encode(Number::Unsigned, 7.0), Some(7u32.to_ne_bytes()));
        assert_eq!(encode(Number::Int, -7.0), Some((-7i32).to_ne_bytes()));
        for (number, value) in
            [(Number::Unsigned, -1.0), (Number::Int, 0.5), (Number::Int, 3e9), (Number::Unsigned, f64::NAN)]
        {
            assert_eq!(encode(number, value), None, "{number:?} {value}");
        }
        assert_eq!(encode(Number::Float, 0.5), Some(0.5f32.to_ne_bytes()));
    }

    #[test]
    fn a_number_that_an_f16_would_make_infinite_is_refused() {
        assert_eq!(encode(Number::Half, 1.5).map(|bytes| [bytes[0], bytes[1]]), Some(f16::from_f32(1.5).to_ne_bytes()));
        assert_eq!(encode(Number::Half, 70_000.0), None);
        assert!(encode(Number::Half, f64::INFINITY).is_some());
    }
}
