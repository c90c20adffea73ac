//! Tensors on the CPU device whose values lie without gaps, in whatever order of their dims. Knows no operation.

use burn_dispatch::backends::flex::FlexTensor;

/// The dims in the order in which they lie in memory, the slowest first; none where values overlap, have gaps between
/// them, or lie backwards.
pub(super) fn memory_order(source: &FlexTensor) -> Option<Vec<usize>> {
    let (shape, strides) = (source.layout().shape(), source.layout().strides());
    let mut order: Vec<usize> = (0..strides.len()).collect();
    // A dim of 1 has any stride: it may stand anywhere, and stays where it is among its equals.
    order.sort_by_key(|dim| std::cmp::Reverse(if shape[*dim] == 1 { isize::MAX } else { strides[*dim] }));
    let mut next = 1;
    for dim in order.iter().rev().filter(|dim| shape[**dim] != 1) {
        if strides[*dim] != next {
            return None;
        }
        next *= isize::try_from(shape[*dim]).ok()?;
    }
    Some(order)
}

/// Whether its values lie without gaps.
pub(super) fn is_dense(source: &FlexTensor) -> bool {
    source.is_contiguous() || memory_order(source).is_some()
}

/// The values of a dense tensor as they lie.
pub(super) fn values(source: &FlexTensor) -> &[f32] {
    let start = source.layout().start_offset();
    &source.storage()[start..start + source.layout().num_elements()]
}

/// The same, to be written to, where nothing else holds the memory.
pub(super) fn values_mut(source: &mut FlexTensor) -> Option<&mut [f32]> {
    let (start, len) = (source.layout().start_offset(), source.layout().num_elements());
    source.try_storage_mut::<f32>().map(|values| &mut values[start..start + len])
}

/// The place of each dim in an order.
pub(super) fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, dim)| places[*dim] = place);
    places
}
