//! Several arrays of numpy's by name, `.npz`: a zip archive of `.npy` files.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::Path,
};

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveWriter, path::ZipFilePath};

use super::{Place, npy, place::read_whole};
use crate::{Device, Error, Result, Tensor, files::Opened, memory};

const END: &str = ".npy";
/// How often its compressed size a part of an archive may have at most. Source: RFC 1951; the largest match of deflate is
/// 258 bytes, and takes two bits at least.
const MOST_COMPRESSED: u64 = 1032;

/// The tensors of an `.npz` file by name, of one that numpy compressed as well.
///
/// # Errors
/// A file that is cut off, damaged or no archive; a part of it that is no array; else as of [`super::load_npy`].
pub fn load_npz(path: &Path, file: Opened, device: &Device) -> Result<BTreeMap<String, Tensor>> {
    let place = Place::new("load_npz", path);
    let bytes = read_whole(file, place)?;
    let not_whole = |error: rawzip::Error| place.wrong("is no whole archive of arrays").caused_by(error);
    let archive = ZipArchive::from_slice(&bytes).map_err(not_whole)?;
    let (mut tensors, mut parts, mut count) = (BTreeMap::new(), archive.entries(), 0);
    while let Some(part) = parts.next_entry().map_err(not_whole)? {
        count += 1;
        let full = String::from_utf8_lossy(part.file_path().as_bytes()).into_owned();
        let Some(name) = full.strip_suffix(END) else {
            return Err(place.wrong(format!("has a part that is no array: '{full}'")));
        };
        let place = place.of(name);
        let (length, compressed) = (part.uncompressed_size_hint(), part.compressed_size_hint());
        if part.flags().is_encrypted() {
            return Err(place.wrong("is encrypted"));
        }
        let entry = archive.get_entry(part.wayfinder()).map_err(not_whole)?;
        let mut values: Box<dyn Read> = match part.compression_method() {
            CompressionMethod::STORE if length == compressed => Box::new(entry.verifying_reader(entry.data())),
            CompressionMethod::DEFLATE if length <= compressed.saturating_mul(MOST_COMPRESSED) => {
                Box::new(entry.verifying_reader(DeflateDecoder::new(entry.data())))
            }
            CompressionMethod::STORE | CompressionMethod::DEFLATE => {
                return Err(place.wrong(format!("claims {length} bytes, of {compressed} in the file")));
            }
            _ => return Err(place.wrong("is compressed otherwise than numpy does")),
        };
        let tensor = npy::read(&mut values, length, place, device)?;
        // Behind the last byte the checksum is compared.
        if io::copy(&mut values, &mut io::sink()).map_err(|error| place.refused(error))? > 0 {
            return Err(place.wrong("goes on after its array"));
        }
        if tensors.insert(name.to_owned(), tensor).is_some() {
            return Err(place.wrong("is there twice"));
        }
    }
    if count != archive.entries_hint() {
        return Err(place.wrong("is no whole archive of arrays"));
    }
    Ok(tensors)
}

/// The bytes of an `.npz` file as `numpy.savez` writes it, not compressed: the arrays by name, the same bytes for the
/// same tensors.
///
/// # Errors
/// A name that no part of an archive has; a device failed; there is no room on the host.
pub fn npz_bytes(tensors: &BTreeMap<String, Tensor>) -> Result<Vec<u8>> {
    const OP: &str = "save_npz";
    let total = tensors.values().fold(0_usize, |total, tensor| total.saturating_add(tensor.len().saturating_mul(4)));
    memory::check_machine(OP, total)?;
    let wrong = |error: rawzip::Error| Error::State { op: OP, reason: error.to_string() }.caused_by(error);
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (name, tensor) in tensors {
        let full = format!("{name}{END}");
        if ZipFilePath::from_str(&full).as_str() != full {
            return Err(Error::argument(OP, "a name", "a path within the archive", format!("'{name}'")));
        }
        let (mut entry, config) =
            archive.new_file(&full).compression_method(CompressionMethod::STORE).start().map_err(wrong)?;
        let mut writer = config.wrap(&mut entry);
        writer.write_all(&npy::bytes(OP, tensor)?).map_err(|error| Error::io(OP, "", error))?;
        let (_, descriptor) = writer.finish().map_err(wrong)?;
        entry.finish(descriptor).map_err(wrong)?;
    }
    archive.finish().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
        load_npz(Path::new("a.npz"), Opened::memory(bytes.into()), &Device::cpu())
    }

    fn tensors() -> BTreeMap<String, Tensor> {
        let of = |values: Vec<f32>| Tensor::from_floats(values, &[3], &Device::cpu()).unwrap();
        BTreeMap::from([("weight".into(), of(vec![1.0, 2.0, 3.0])), ("bias".into(), of(vec![-1.0, f32::NAN, 0.5]))])
    }

    #[test]
    fn the_same_tensors_are_the_same_bytes() {
        assert_eq!(npz_bytes(&tensors()).unwrap(), npz_bytes(&tensors()).unwrap());
        assert_eq!(loaded(&npz_bytes(&tensors()).unwrap()).unwrap()["weight"].floats().unwrap(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_damaged_archive_is_an_error_that_names_the_file_and_never_other_values() {
        let whole = npz_bytes(&tensors()).unwrap();
        let named = |error: Error| assert!(error.to_string().starts_with("load_npz: a.npz: "), "{error}");
        (0..whole.len()).for_each(|length| named(loaded(&whole[..length]).unwrap_err()));
        let bits = |tensor: &Tensor| tensor.floats().unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let right: Vec<_> = tensors().values().map(bits).collect();
        for place in 0..whole.len() {
            for byte in [0, whole[place] ^ 1, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] = byte;
                match loaded(&bytes) {
                    Err(error) => named(error),
                    // A name, a date or the like: the checksums keep the values.
                    Ok(read) => assert!(read.values().all(|tensor| right.contains(&bits(tensor))), "{place}"),
                }
            }
        }
    }
}
