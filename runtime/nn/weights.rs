//! Named tensors in safetensors files.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use burn::tensor::{bf16, f16};
use safetensors::{
    Dtype, SafeTensors,
    tensor::{TensorView, serialize},
};

use crate::{Device, Error, Result, Tensor, files::regular, memory, run::write_atomically, tensor::Elements};

/// Copies on the host while tensors are written: their values, these as bytes, and the file.
const COPIES: usize = 3;

/// Writes tensors and metadata so that the file is the old one or the new one, whole. NaN is written as it is.
///
/// # Errors
/// A device or the operating system failed; two tensors of one name.
pub fn save(path: &Path, tensors: &[(String, Tensor)], metadata: &BTreeMap<String, String>) -> Result<()> {
    write_atomically(path, &encode(read_all(tensors)?, metadata)?)
}

/// A tensor's name, shape and elements, on the host.
pub type HostTensor = (String, Vec<usize>, Elements);

/// Reads tensors from their devices, so that another thread can write them.
///
/// # Errors
/// A device failed.
pub fn read_all(tensors: &[(String, Tensor)]) -> Result<Vec<HostTensor>> {
    let size = |tensor: &Tensor| tensor.len().saturating_mul(tensor.dtype().bytes());
    let bytes = tensors.iter().fold(0_usize, |bytes, (_, tensor)| bytes.saturating_add(size(tensor)));
    memory::check_machine("save", bytes.saturating_mul(COPIES))?;
    tensors.iter().map(|(name, tensor)| Ok((name.clone(), tensor.shape().to_vec(), tensor.elements()?))).collect()
}

/// The bytes of a safetensors file.
///
/// # Errors
/// Two tensors of one name.
pub fn encode(tensors: Vec<HostTensor>, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let mut stored = BTreeMap::new();
    for (name, shape, elements) in tensors {
        let (dtype, bytes): (_, Vec<u8>) = match elements {
            Elements::Float16(values) => (Dtype::F16, values.into_iter().flat_map(f16::to_le_bytes).collect()),
            Elements::BFloat16(values) => (Dtype::BF16, values.into_iter().flat_map(bf16::to_le_bytes).collect()),
            Elements::Float64(values) => (Dtype::F64, values.into_iter().flat_map(f64::to_le_bytes).collect()),
            Elements::UInt8(values) => (Dtype::U8, values),
            Elements::Int64(values) => (Dtype::I64, values.into_iter().flat_map(i64::to_le_bytes).collect()),
            Elements::Float(values) => (Dtype::F32, values.into_iter().flat_map(f32::to_le_bytes).collect()),
            Elements::Int(values) => (Dtype::I32, values.into_iter().flat_map(i32::to_le_bytes).collect()),
            Elements::Bool(values) => (Dtype::BOOL, values.into_iter().map(u8::from).collect()),
        };
        if stored.insert(name.clone(), (dtype, shape, bytes)).is_some() {
            return Err(Error::State { op: "save", reason: format!("two tensors are called '{name}'") });
        }
    }
    let wrong =
        |error: safetensors::SafeTensorError| Error::State { op: "save", reason: error.to_string() }.caused_by(error);
    let views =
        stored.iter().map(|(name, (dtype, shape, bytes))| Ok((name, TensorView::new(*dtype, shape.to_vec(), bytes)?)));
    let views = views.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    let metadata: HashMap<String, String> = metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    // Of no tensors and empty metadata safetensors 0.8 writes a header that it cannot read.
    let is_nothing = views.is_empty() && metadata.is_empty();
    serialize(views, (!is_nothing).then_some(metadata)).map_err(wrong)
}

/// Reads every tensor of a file in its own format; in float32 or int32 where the device does not have that.
///
/// # Errors
/// A file that cannot be read, is cut off or is none of safetensors; an element type or a shape that no tensor has;
/// an integer beyond 32 bits on a device that has no others.
pub fn load(path: &Path, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Error::data("load", path, "not a file"));
    }
    let bytes = regular::read(path).map_err(|source| Error::io("load", path, source))?;
    decode(&bytes, path, device)
}

/// As [`load`], from the bytes of a file that was read.
///
/// # Errors
/// As [`load`].
pub fn decode(bytes: &[u8], path: &Path, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| not_whole(path, error))?;
    let tensors = file.iter().map(|(name, view)| {
        let refused = |reason: String| Error::data("load", path, format!("{name}: {reason}"));
        Ok((name.to_owned(), read(&view, device, &refused)?))
    });
    tensors.collect()
}

fn not_whole(path: &Path, error: safetensors::SafeTensorError) -> Error {
    Error::data("load", path, format!("not a whole safetensors file: {error}")).caused_by(error)
}

/// The metadata of a file. Errors as [`load`].
pub fn metadata(path: &Path) -> Result<BTreeMap<String, String>> {
    let bytes = regular::read(path).map_err(|source| Error::io("load", path, source))?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| not_whole(path, error))?;
    Ok(header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn read(view: &TensorView, device: &Device, refused: &dyn Fn(String) -> Error) -> Result<Tensor> {
    let (bytes, shape) = (view.data(), view.shape());
    let elements = match view.dtype() {
        Dtype::F32 => Elements::Float(each(bytes, f32::from_le_bytes)),
        Dtype::F64 => Elements::Float64(each(bytes, f64::from_le_bytes)),
        Dtype::F16 => Elements::Float16(each(bytes, f16::from_le_bytes)),
        Dtype::BF16 => Elements::BFloat16(each(bytes, bf16::from_le_bytes)),
        Dtype::I32 => Elements::Int(each(bytes, i32::from_le_bytes)),
        Dtype::I64 => Elements::Int64(each(bytes, i64::from_le_bytes)),
        Dtype::U8 => Elements::UInt8(bytes.to_vec()),
        Dtype::BOOL => Elements::Bool(bytes.iter().map(|byte| *byte != 0).collect()),
        other => return Err(refused(format!("elements of type {other:?} are not supported"))),
    };
    Tensor::held(elements, shape, device).map_err(|error| match error {
        Error::Argument { .. } => refused(error.to_string()),
        other => other,
    })
}

fn each<const N: usize, T>(bytes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|bytes| value(*bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors() -> Vec<(String, Tensor)> {
        let device = Device::cpu();
        vec![
            (
                "layer.weight".into(),
                Tensor::from_floats(vec![1.5, f32::NAN, -0.0, 4.0, 5.0, 6.0], &[2, 3], &device).unwrap(),
            ),
            ("labels".into(), Tensor::from_ints(vec![7, -8], &[2], &device).unwrap()),
            ("mask".into(), Tensor::from_bools(vec![true, false, true], &[3], &device).unwrap()),
            ("step".into(), Tensor::scalar(0.1, &device).unwrap()),
        ]
    }

    #[test]
    fn tensors_and_metadata_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let notes = BTreeMap::from([("step".to_owned(), "12".to_owned())]);
        save(&path, &tensors(), &notes).unwrap();
        let loaded = load(&path, &Device::cpu()).unwrap();
        assert_eq!(loaded.len(), 4);
        for (name, tensor) in tensors() {
            let got = &loaded[&name];
            assert_eq!((got.shape(), got.kind()), (tensor.shape(), tensor.kind()));
            let bits = |tensor: &Tensor| tensor.floats().unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(got), bits(&tensor));
        }
        assert_eq!(metadata(&path).unwrap(), notes);
    }

    #[test]
    fn a_file_without_tensors_comes_back() {
        for notes in [BTreeMap::new(), BTreeMap::from([("step".to_owned(), "12".to_owned())])] {
            let bytes = encode(Vec::new(), &notes).unwrap();
            assert!(decode(&bytes, Path::new("empty.safetensors"), &Device::cpu()).unwrap().is_empty());
        }
    }

    #[test]
    fn half_and_long_numbers_are_converted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.safetensors");
        let half: Vec<u8> = [0.5, -2.0].map(f16::from_f32).into_iter().flat_map(f16::to_le_bytes).collect();
        let brain: Vec<u8> = [0.25, 3.0].map(bf16::from_f32).into_iter().flat_map(bf16::to_le_bytes).collect();
        let long: Vec<u8> = [5i64, -6].into_iter().flat_map(i64::to_le_bytes).collect();
        let views = [("half", Dtype::F16, &half), ("brain", Dtype::BF16, &brain), ("long", Dtype::I64, &long)]
            .map(|(name, dtype, bytes)| (name, TensorView::new(dtype, vec![2], bytes).unwrap()));
        fs::write(&path, serialize(views, None).unwrap()).unwrap();
        let loaded = load(&path, &Device::cpu()).unwrap();
        assert_eq!(loaded["half"].floats().unwrap(), [0.5, -2.0]);
        assert_eq!(loaded["brain"].floats().unwrap(), [0.25, 3.0]);
        assert_eq!(loaded["long"].ints("test").unwrap(), [5, -6]);
    }

    #[test]
    fn a_file_that_is_missing_cut_off_or_something_else_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let message = |path: &Path| load(path, &Device::cpu()).unwrap_err().to_string();
        assert!(message(&path).contains("model.safetensors"));
        save(&path, &tensors(), &BTreeMap::new()).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in [0, 4, 40, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            let message = message(&path);
            assert!(
                message.contains("model.safetensors") && message.contains("not a whole safetensors file"),
                "{message}"
            );
        }
        fs::write(&path, vec![0xff; 4096]).unwrap();
        assert!(message(&path).contains("model.safetensors"));
    }
}
