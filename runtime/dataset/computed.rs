//! Items that a function computes, put together to batches.

use super::Named;
use crate::{Device, Error, Result, Tensor, position::number, rng::Draws, tensor::format_shape};

/// What computes items.
pub trait Items {
    /// The item of an index, from 0. Its random numbers are those of `draws`, which are the same whenever it is drawn at
    /// the same place of a training.
    ///
    /// # Errors
    /// The function's.
    fn item(&self, index: usize, draws: Draws, device: &Device) -> Result<Named>;
}

/// Items as rows of tensors.
///
/// # Errors
/// Items of other names, shapes or formats than the first.
pub fn stacked(op: &'static str, items: &[(usize, Named)]) -> Result<Named> {
    let Some((_, first)) = items.first() else { return Ok(Named::new()) };
    for (index, item) in items {
        let index = number(*index);
        if let Some(name) =
            item.keys().chain(first.keys()).find(|name| !(item.contains_key(*name) && first.contains_key(*name)))
        {
            let want = "in every item".to_owned();
            return Err(Error::argument(op, name, want, format!("item {index}: {}", plain(item))));
        }
        for (name, tensor) in item {
            let other = &first[name];
            if tensor.shape() != other.shape() || tensor.dtype() != other.dtype() {
                let want = format!("{} {}, as in the first item", other.dtype(), format_shape(other.shape()));
                let got = format!("{} {} in item {index}", tensor.dtype(), format_shape(tensor.shape()));
                return Err(Error::argument(op, name, want, got));
            }
        }
    }
    let stack = |name: &String| {
        let rows: Vec<Tensor> = items.iter().map(|(_, item)| item[name].clone()).collect();
        Ok((name.clone(), Tensor::stack(&rows, 0)?.detach()))
    };
    first.keys().map(stack).collect()
}

/// What an item has, by name alone.
fn plain(item: &Named) -> String {
    let names: Vec<&str> = item.keys().map(String::as_str).collect();
    if names.is_empty() { "no tensors".into() } else { format!("only {}", names.join(", ")) }
}
