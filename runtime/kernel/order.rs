//! In which order a tensor's elements lie for a kernel.

use crate::{Result, Tensor};

/// The order of a tensor's dims in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Row by row, the last dim being the closest.
    Rows,
    /// `[N, C, …]` as `[N, …, C]`.
    ChannelsLast,
}

impl Order {
    pub fn of(is_channels_last: bool) -> Self {
        if is_channels_last { Self::ChannelsLast } else { Self::Rows }
    }

    /// The dims from the farthest to the closest.
    pub fn dims(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast if rank > 2 => [0].into_iter().chain(2..rank).chain([1]).collect(),
            _ => (0..rank).collect(),
        }
    }

    /// A tensor whose rows are the other's elements as they are to lie.
    pub fn lying(self, tensor: &Tensor) -> Result<Tensor> {
        match self {
            Self::Rows => Ok(tensor.detach()),
            Self::ChannelsLast => tensor.detach().permute(&self.dims(tensor.rank())),
        }
    }

    /// The tensor whose elements lie so.
    pub fn restored(self, lying: Tensor) -> Result<Tensor> {
        let dims = self.dims(lying.rank());
        if dims.is_sorted() {
            return Ok(lying);
        }
        let mut order = vec![0; dims.len()];
        dims.iter().enumerate().for_each(|(place, dim)| order[*dim] = place);
        Ok(lying.permute(&order)?.to_owned_tensor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn what_lies_with_its_channels_last_is_the_same_tensor() {
        let image = Tensor::from_floats((0..24).map(|i| i as f32).collect(), &[1, 3, 2, 4], &Device::cpu()).unwrap();
        let lying = Order::ChannelsLast.lying(&image).unwrap();
        assert_eq!(lying.shape(), [1, 2, 4, 3]);
        assert_eq!(lying.floats().unwrap()[..6], [0.0, 8.0, 16.0, 1.0, 9.0, 17.0]);
        let restored = Order::ChannelsLast.restored(lying).unwrap();
        assert_eq!((restored.shape(), restored.floats().unwrap()), (image.shape(), image.floats().unwrap()));
        assert_eq!(Order::ChannelsLast.dims(2), [0, 1]);
    }
}
