//! Named tensors in safetensors files.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use safetensors::{
    Dtype, SafeTensorError, SafeTensors,
    tensor::{TensorView, serialize},
};
use serde_json::{Map, Value};

use crate::{
    Device, Error, Result, Tensor,
    files::{Opened, regular},
    memory,
    run::write_atomically,
    tensor::Elements,
    tensor_files::{self, Place, Source, Stored, read_whole},
};

/// Copies on the host while tensors are written: their values, these as bytes, and the file.
const COPIES: usize = 3;

/// What safetensors calls the types of files.
const DTYPES: [(Dtype, Stored); 13] = [
    (Dtype::F64, Stored::Float64),
    (Dtype::F32, Stored::Float32),
    (Dtype::F16, Stored::Float16),
    (Dtype::BF16, Stored::Bfloat16),
    (Dtype::I64, Stored::Int64),
    (Dtype::I32, Stored::Int32),
    (Dtype::I16, Stored::Int16),
    (Dtype::I8, Stored::Int8),
    (Dtype::U64, Stored::Uint64),
    (Dtype::U32, Stored::Uint32),
    (Dtype::U16, Stored::Uint16),
    (Dtype::U8, Stored::Uint8),
    (Dtype::BOOL, Stored::Bool),
];

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
        let mut bytes = Vec::new();
        let dtype = dtype_of(Stored::of(&elements, &mut bytes));
        if stored.insert(name.clone(), (dtype, shape, bytes)).is_some() {
            return Err(Error::State { op: "save", reason: format!("two tensors are called '{name}'") });
        }
    }
    let wrong = |error: SafeTensorError| Error::State { op: "save", reason: error.to_string() }.caused_by(error);
    let views =
        stored.iter().map(|(name, (dtype, shape, bytes))| Ok((name, TensorView::new(*dtype, shape.to_vec(), bytes)?)));
    let views = views.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    let metadata: HashMap<String, String> = metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    // Of no tensors and empty metadata safetensors 0.8 writes a header that it cannot read.
    let is_nothing = views.is_empty() && metadata.is_empty();
    let has_order = metadata.len() < 2;
    let bytes = serialize(views, (!is_nothing).then_some(metadata)).map_err(wrong)?;
    if has_order { Ok(bytes) } else { Ok(in_order(bytes)) }
}

/// The same file with its metadata in the order of their names: safetensors writes them as a hash map has them. The
/// header keeps its length, since the same entries take as many letters in any order.
fn in_order(mut bytes: Vec<u8>) -> Vec<u8> {
    let ordered = || {
        let length = u64::from_le_bytes(*bytes.first_chunk()?) as usize;
        let mut header: Map<String, Value> = serde_json::from_slice(bytes.get(8..8 + length)?).ok()?;
        header.get_mut("__metadata__")?.as_object_mut()?.sort_keys();
        let text = serde_json::to_vec(&header).ok()?;
        (text.len() <= length).then_some(text)
    };
    if let Some(text) = ordered() {
        bytes[8..8 + text.len()].copy_from_slice(&text);
    }
    bytes
}

fn dtype_of(stored: Stored) -> Dtype {
    DTYPES.into_iter().find(|(_, known)| *known == stored).map_or(Dtype::U8, |(dtype, _)| dtype)
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

/// As [`load`], for any operation, with the metadata of the file.
///
/// # Errors
/// As [`load`]; there is no room.
pub(crate) fn read(
    op: &'static str,
    path: &Path,
    file: Opened,
    device: &Device,
) -> Result<(BTreeMap<String, Tensor>, BTreeMap<String, String>)> {
    let place = Place::new(op, path);
    let bytes = read_whole(file, place)?;
    Ok((tensors(&bytes, place, device)?, metadata_of(&bytes, place)?))
}

/// As [`load`], from the bytes of a file that was read.
///
/// # Errors
/// As [`load`].
pub fn decode(bytes: &[u8], path: &Path, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    tensors(bytes, Place::new("load", path), device)
}

fn tensors(bytes: &[u8], place: Place, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| not_whole(place, error))?;
    file.iter().map(|(name, view)| Ok((name.to_owned(), tensor(&view, place.of(name), device)?))).collect()
}

fn not_whole(place: Place, error: SafeTensorError) -> Error {
    place.wrong(format!("not a whole safetensors file: {error}")).caused_by(error)
}

/// The metadata of a file. Errors as [`load`].
pub fn metadata(path: &Path) -> Result<BTreeMap<String, String>> {
    let bytes = regular::read(path).map_err(|source| Error::io("load", path, source))?;
    metadata_of(&bytes, Place::new("load", path))
}

fn metadata_of(bytes: &[u8], place: Place) -> Result<BTreeMap<String, String>> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| not_whole(place, error))?;
    Ok(header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn tensor(view: &TensorView, place: Place, device: &Device) -> Result<Tensor> {
    let Some((_, stored)) = DTYPES.into_iter().find(|(dtype, _)| *dtype == view.dtype()) else {
        return Err(place.wrong(format!("elements of type {:?} are not supported", view.dtype())));
    };
    let mut bytes = view.data();
    let count = bytes.len() / stored.bytes();
    let elements = stored.elements(&mut Source { from: &mut bytes, count, big_endian: false, place })?;
    place.told(tensor_files::tensor(elements, view.shape(), device))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{bf16, f16};

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
    fn metadata_are_written_in_the_order_of_their_names() {
        let notes: BTreeMap<_, _> = (0..20).map(|i| (format!("n{i:02}"), format!("\"é{i}"))).collect();
        let bytes = || encode(read_all(&tensors()).unwrap(), &notes).unwrap();
        let first = bytes();
        assert!((0..5).all(|_| bytes() == first));
        assert_eq!(metadata_of(&first, Place::new("load", Path::new("a"))).unwrap(), notes);
        assert_eq!(decode(&first, Path::new("a"), &Device::cpu()).unwrap().len(), 4);
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
