//! The images of a batch as tensors: views of them, the images as they are, and their labels.

use super::{make::Augment, source::Source};
use crate::{
    Device, Error, Result, Tensor,
    augment::{Chain, View},
    data::Batch,
    position::number,
};

/// Augmented views of a batch, view-major: floats in 0..1, [views · B, 3, H, W]. `first` is the number of the first
/// view, from 0; with the epoch and the image it keys the draws.
///
/// # Errors
/// No views, or numbers over 65,535; as [`Augment::views`].
pub fn of_batch(batch: &Batch, augment: &dyn Augment, first: usize, views: usize, device: &Device) -> Result<Tensor> {
    let numbers = first..first.saturating_add(views);
    if numbers.is_empty() || numbers.end > usize::from(u16::MAX) {
        let got = format!("{views} from {}", number(first));
        return Err(Error::argument("views", "views", format!("numbered from 1 to {}", u16::MAX), got));
    }
    let view = |number: usize, image: usize| View { image, turn: 0, number: number as u16 };
    let rows: Vec<View> =
        numbers.flat_map(|number| batch.picks.iter().map(move |image| view(number, *image))).collect();
    augment.views(Source::Set(&batch.images), &rows, &batch.stream("augment"), batch.epoch, device)
}

/// The images of a batch as they are: floats in 0..1, [B, 3, H, W].
///
/// # Errors
/// As [`Augment::views`].
pub fn images_of(batch: &Batch, device: &Device) -> Result<Tensor> {
    of_batch(batch, &Chain::new(), 0, 1, device)
}

/// The class of each image of a batch, from 0, with the names of the classes: int [B].
///
/// # Errors
/// A device without memory.
pub fn labels_of(batch: &Batch, device: &Device) -> Result<Tensor> {
    let labels: Vec<i32> = batch.picks.iter().map(|pick| batch.images.labels()[*pick] as i32).collect();
    let names = batch.images.class_names().clone();
    Ok(Tensor::from_ints(labels, &[batch.len()], device)?.with_class_names(Some(names)))
}
