//! One array of numpy's, `.npy`.

use std::{io::Read, path::Path};

use super::{Place, Source, Stored, npy_header::Header, tensor};
use crate::{
    Device, Error, Result, Tensor,
    files::Opened,
    memory,
    tensor::{DType, Elements, check_shape},
};

/// The tensor of an `.npy` file. What becomes of its element type: [`Stored::elements`].
///
/// # Errors
/// A file that is cut off, goes on after its array, or is none; elements or a shape that no tensor has; no room.
pub fn load_npy(path: &Path, mut file: Opened, device: &Device) -> Result<Tensor> {
    let length = file.length();
    read(&mut file, length, Place::new("load_npy", path), device)
}

/// Reads an array that takes so many bytes with its header.
pub(super) fn read(from: &mut dyn Read, length: u64, place: Place, device: &Device) -> Result<Tensor> {
    let (header, taken) = Header::read(from).map_err(|error| place.refused(error))?;
    let Header { stored, big_endian, first_fastest, shape } = header;
    let size = shape.iter().try_fold(1_u64, |size, dim| size.checked_mul(*dim as u64));
    let wanted = size.and_then(|size| size.checked_mul(stored.bytes() as u64));
    let left = length.saturating_sub(taken);
    match wanted {
        Some(wanted) if wanted == left => {}
        Some(wanted) if wanted < left => {
            return Err(place.wrong(format!("goes on after its array, for {} bytes", left - wanted)));
        }
        _ => {
            let shown = wanted.map_or("more bytes than 64 bits count".to_owned(), |wanted| format!("{wanted} bytes"));
            return Err(
                place.wrong(format!("is cut off: an array of shape {shape:?} takes {shown}, and {left} follow"))
            );
        }
    }
    place.told(check_shape(place.op(), &shape))?;
    let count = shape.iter().product();
    let elements = stored.elements(&mut Source { from, count, big_endian, place })?;
    let elements =
        if first_fastest && shape.len() > 1 { place.told(in_rows(place.op(), elements, &shape))? } else { elements };
    place.told(tensor(elements, &shape, device))
}

/// The bytes of an `.npy` file, as `numpy.save` writes them: float32 as `<f4`, int32 as `<i4`, bool as `|b1`; bfloat16,
/// which numpy lacks, as float32.
///
/// # Errors
/// The device failed; there is no room on the host.
pub fn npy_bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    bytes("save_npy", tensor)
}

pub(super) fn bytes(op: &'static str, tensor: &Tensor) -> Result<Vec<u8>> {
    // The values and the file.
    memory::check_machine(op, tensor.len().saturating_mul(8))?;
    // numpy has no bfloat16; float32 holds all of its values.
    let elements = match tensor.dtype() {
        DType::BFloat16 => tensor.detach().to_dtype(DType::Float32)?.elements()?,
        _ => tensor.elements()?,
    };
    let mut values = Vec::new();
    let stored = Stored::of(&elements, &mut values);
    let mut bytes = Header::bytes(stored, tensor.shape());
    bytes.append(&mut values);
    Ok(bytes)
}

/// Elements of which the first dim varies fastest, in row-major order.
fn in_rows(op: &'static str, elements: Elements, shape: &[usize]) -> Result<Elements> {
    Ok(match elements {
        Elements::Float16(values) => Elements::Float16(turned(op, &values, shape)?),
        Elements::BFloat16(values) => Elements::BFloat16(turned(op, &values, shape)?),
        Elements::Float(values) => Elements::Float(turned(op, &values, shape)?),
        Elements::Float64(values) => Elements::Float64(turned(op, &values, shape)?),
        Elements::UInt8(values) => Elements::UInt8(turned(op, &values, shape)?),
        Elements::Int(values) => Elements::Int(turned(op, &values, shape)?),
        Elements::Int64(values) => Elements::Int64(turned(op, &values, shape)?),
        Elements::Bool(values) => Elements::Bool(turned(op, &values, shape)?),
    })
}

fn turned<T: Copy>(op: &'static str, values: &[T], shape: &[usize]) -> Result<Vec<T>, Error> {
    let mut turned = memory::list(op, values.len())?;
    let strides: Vec<usize> =
        shape.iter().scan(1, |stride, size| Some(std::mem::replace(stride, *stride * size))).collect();
    let (mut position, mut place) = (vec![0; shape.len()], 0);
    for _ in 0..values.len() {
        turned.push(values[place]);
        for dim in (0..shape.len()).rev() {
            position[dim] += 1;
            place += strides[dim];
            if position[dim] < shape[dim] {
                break;
            }
            place -= strides[dim] * shape[dim];
            position[dim] = 0;
        }
    }
    Ok(turned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(bytes: &[u8]) -> Result<Tensor> {
        load_npy(Path::new("a.npy"), Opened::memory(bytes.into()), &Device::cpu())
    }

    fn whole() -> Vec<u8> {
        npy_bytes(&Tensor::from_ints(vec![1, 2, 3, 4, 5, 6], &[2, 3], &Device::cpu()).unwrap()).unwrap()
    }

    #[test]
    fn the_bytes_are_numpys() {
        let mut want = b"\x93NUMPY\x01\0\x76\0{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }".to_vec();
        want.resize(127, b' ');
        want.push(b'\n');
        want.extend((1..=6_i32).flat_map(i32::to_le_bytes));
        assert_eq!(whole(), want);
    }

    #[test]
    fn every_truncation_and_every_byte_more_is_an_error_that_names_the_file() {
        let mut bytes = whole();
        for length in 0..bytes.len() {
            let message = loaded(&bytes[..length]).unwrap_err().to_string();
            assert!(message.starts_with("load_npy: a.npy: is "), "{length}: {message}");
        }
        bytes.push(0);
        let message = loaded(&bytes).unwrap_err().to_string();
        assert_eq!(message, "load_npy: a.npy: goes on after its array, for 1 bytes");
    }

    #[test]
    fn no_other_byte_anywhere_makes_it_panic() {
        let whole = whole();
        for place in 0..whole.len() {
            for byte in [0, 1, b'\'', b'(', b'9', 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] = byte;
                if let Err(error) = loaded(&bytes) {
                    assert!(error.to_string().starts_with("load_npy: a.npy: "), "{place}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_file_that_claims_much_takes_no_memory() {
        for (shape, want) in [
            (
                "(1000000000, 1000000000)",
                "is cut off: an array of shape [1000000000, 1000000000] takes 4000000000000000000",
            ),
            (
                "(9999999999999999999, 9)",
                "is cut off: an array of shape [9999999999999999999, 9] takes more bytes than",
            ),
            (
                "(4611686018427387904, 4)",
                "is cut off: an array of shape [4611686018427387904, 4] takes more bytes than",
            ),
        ] {
            let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
            let bytes =
                [b"\x93NUMPY\x01\0", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), &[0; 64]].concat();
            let message = loaded(&bytes).unwrap_err().to_string();
            assert!(message.starts_with(&format!("load_npy: a.npy: {want}")), "{message}");
        }
        let header = [b"\x93NUMPY\x02\0", &[0xff; 4][..], b"{"].concat();
        let message = loaded(&header).unwrap_err().to_string();
        assert_eq!(message, "load_npy: a.npy: has a header of 4294967295 bytes, more than 65536");
    }

    #[test]
    fn an_array_over_the_budget_is_an_error_that_names_the_file() {
        let _scope = memory::BudgetScope::new(true);
        let bytes = npy_bytes(&Tensor::zeros(&[100, 100], &Device::cpu()).unwrap()).unwrap();
        memory::set_budget(memory::account().live + 1000);
        let message = loaded(&bytes).unwrap_err().to_string();
        assert!(message.starts_with("load_npy: a.npy: takes 39.1 KiB, and "), "{message}");
    }
}
