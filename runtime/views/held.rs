//! A source's pixels on a device: a whole data set that stays there, the images of one batch of a set that is too large
//! for that, or a tensor.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::source::Source;
use crate::{
    Device, Result,
    augment::View,
    data::Images,
    gpu::{Buffer, Part, Resident, parts_of},
    tensor::DType,
};

/// The part of a device's memory that one data set may take for good.
const SHARE: u64 = 4;
/// What a data set may take where the device does not tell its memory.
const UNKNOWN: u64 = 1 << 30;

/// The source's memory, and which image of it a row means.
pub(super) struct Held {
    memory: Memory,
    /// For a batch: where each of the set's images lies in it.
    places: Option<HashMap<usize, usize>>,
}

enum Memory {
    Set(Arc<Vec<Part>>),
    Batch(Vec<Part>),
    Tensor(Box<Buffer>, usize),
}

/// Images one after another in a buffer.
pub(super) struct Slice<'a> {
    pub buffer: &'a Buffer,
    pub first: usize,
    pub count: usize,
}

impl Held {
    pub fn of(source: Source<'_>, rows: &[View], device: &Device) -> Result<Self> {
        match source {
            Source::Tensor(tensor) | Source::Made(tensor) => {
                let tensor = tensor.detach().to_dtype(DType::Float32)?.to_device(device)?;
                let count = tensor.shape()[0];
                Ok(Self { memory: Memory::Tensor(Box::new(tensor.buffer()?), count), places: None })
            }
            Source::Set(images) => {
                let memory = device.adapter().and_then(|adapter| adapter.memory);
                let most = memory.map_or(UNKNOWN, |bytes| bytes / SHARE);
                if images.pixels().len() as u64 > most {
                    return Self::batch(images, rows, device);
                }
                let volume = 3 * images.height() * images.width();
                match images.kept::<Resident>().on(device, images.pixels(), volume)? {
                    Some(parts) => Ok(Self { memory: Memory::Set(parts), places: None }),
                    None => Self::batch(images, rows, device),
                }
            }
        }
    }

    /// The images of some rows, each once.
    fn batch(images: &Images, rows: &[View], device: &Device) -> Result<Self> {
        let (mut places, mut pixels) = (HashMap::new(), Vec::new());
        for row in rows {
            let next = places.len();
            places.entry(row.image).or_insert_with(|| {
                pixels.extend_from_slice(images.image(row.image));
                next
            });
        }
        let parts = parts_of(device, &pixels, 3 * images.height() * images.width())?;
        Ok(Self { memory: Memory::Batch(parts), places: Some(places) })
    }

    /// The rows with the images' places in this memory. Their draws are made already.
    pub fn rows<'a>(&self, rows: &'a [View]) -> Cow<'a, [View]> {
        match &self.places {
            None => Cow::Borrowed(rows),
            Some(places) => rows.iter().map(|row| View { image: places[&row.image], ..*row }).collect(),
        }
    }

    pub fn parts(&self) -> Vec<Slice<'_>> {
        match &self.memory {
            Memory::Tensor(buffer, count) => vec![Slice { buffer, first: 0, count: *count }],
            Memory::Set(parts) => parts.iter().map(slice).collect(),
            Memory::Batch(parts) => parts.iter().map(slice).collect(),
        }
    }
}

fn slice(part: &Part) -> Slice<'_> {
    Slice { buffer: &part.buffer, first: part.first, count: part.count }
}
