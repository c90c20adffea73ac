//! Reading and writing at positions of several dims at once, as PyTorch's `t[rows, :, columns]`.

use super::{
    Kind, Tensor,
    flat::{places, strides},
    shape, size,
};
use crate::{Error, Result, memory, options::options, position::number};

options! {
    /// Options of `t:index_put`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct IndexPutOptions {
        /// Whether the values are added to the tensor's own, and positions that repeat add up.
        pub accumulate: bool = false;
    }
}

/// Positions of a dim.
struct Positions {
    values: Vec<usize>,
    shape: Vec<usize>,
}

impl Positions {
    /// The same in a shape that it broadcasts to.
    fn expanded(&self, shape: &[usize]) -> impl Iterator<Item = usize> {
        let own = shape::pad(&self.shape, shape.len());
        let steps = strides(&own).into_iter().zip(&own).map(|(stride, size)| if *size == 1 { 0 } else { stride });
        places(shape, &steps.collect::<Vec<_>>()).into_iter().map(|place| self.values[place])
    }
}

/// What positions of several dims name: the places of the elements, in the shape that a result has.
struct Indexed {
    places: Vec<usize>,
    shape: Vec<usize>,
}

impl Tensor {
    /// The elements at positions of the first dims: `out[i, …] = self[positions[0][i], positions[1][i], …]`. Positions
    /// are int tensors that broadcast, or masks, each of which stands for as many dims as it has; a dim without any is
    /// taken whole, as are those that follow. The dims of the broadcast positions are where the first of them is if they
    /// are of dims side by side, else in front: PyTorch's `self[positions]`.
    ///
    /// # Errors
    /// More positions than dims; positions that are float, that do not broadcast or are outside their dim; a mask of
    /// another shape than the dims that it stands for.
    pub fn index_get(&self, positions: &[Option<Self>]) -> Result<Self> {
        let Indexed { places, shape } = self.indexed("index", positions)?;
        shape::check("index", &shape)?;
        self.taken(&places, &shape)
    }

    /// This tensor with values at the positions that [`Tensor::index_get`] reads; their shape broadcasts to its result's.
    /// Of positions that repeat the last one is written, and has the gradient; with `accumulate` all values are added to
    /// self.
    ///
    /// # Errors
    /// As [`Tensor::index_get`]; values of another shape; float values for an int tensor; with `accumulate` a bool tensor.
    pub fn index_put(&self, positions: &[Option<Self>], values: &Self, accumulate: bool) -> Result<Self> {
        const OP: &str = "index_put";
        let Indexed { places, shape } = self.indexed(OP, positions)?;
        if shape::aligned(OP, values.shape(), &shape).ok().as_ref() != Some(&shape) {
            let rule = "the values must broadcast to the positions".into();
            return Err(Error::Unfit { op: OP, left: values.shape().to_vec(), right: shape, rule });
        }
        if places.is_empty() {
            return Ok(self.clone());
        }
        let values = values.expand(&shape)?;
        if accumulate { self.added_at(OP, places, &values) } else { self.overwritten(OP, places, &values) }
    }

    fn indexed(&self, op: &'static str, positions: &[Option<Self>]) -> Result<Indexed> {
        let positions = self.by_dim(op, positions)?;
        let mut common = Vec::new();
        for own in positions.iter().flatten() {
            common = shape::aligned(op, &common, &own.shape)?;
        }
        let (sizes, strides) = (self.shape(), strides(self.shape()));
        let count = size::product(op, "the positions", &common)?;
        let mut at = memory::list(op, count)?;
        at.resize(count, 0);
        for (dim, own) in positions.iter().enumerate() {
            let Some(own) = own else { continue };
            at.iter_mut().zip(own.expanded(&common)).for_each(|(place, position)| *place += position * strides[dim]);
        }
        let is_taken = |dim: &usize| positions.get(*dim).is_some_and(Option::is_some);
        let dims: Vec<usize> = (0..self.rank()).filter(is_taken).collect();
        let is_apart = dims.windows(2).any(|pair| pair[1] - pair[0] > 1);
        let first = if is_apart { 0 } else { dims.first().copied().unwrap_or(0) };
        let whole: Vec<usize> = (0..self.rank()).filter(|dim| !is_taken(dim)).collect();
        let (before, after) = whole.split_at(first);
        let of = |dims: &[usize], values: &[usize]| dims.iter().map(|dim| values[*dim]).collect::<Vec<_>>();
        let shape = [of(before, sizes), common, of(after, sizes)].concat();
        shape::check_view(op, &shape)?;
        // A place takes more than an element, and the parts that they are put together from as much again.
        memory::check_machine(op, shape.iter().product::<usize>().saturating_mul(2 * size_of::<usize>()))?;
        let [starts, ends] = [before, after].map(|dims| places(&of(dims, sizes), &of(dims, &strides)));
        let starts = starts.into_iter().flat_map(|start| at.iter().map(move |place| start + place));
        let places = starts.flat_map(|start| ends.iter().map(move |place| start + place)).collect();
        Ok(Indexed { places, shape })
    }

    /// Positions by dim, those of masks among them.
    fn by_dim(&self, op: &'static str, positions: &[Option<Self>]) -> Result<Vec<Option<Positions>>> {
        let mut found: Vec<Option<Positions>> = Vec::new();
        for own in positions {
            match own {
                Some(mask) if mask.kind() == Kind::Bool => {
                    let covered = self.shape().get(found.len()..found.len() + mask.rank());
                    if mask.rank() == 0 || covered != Some(mask.shape()) {
                        let rule = format!("a mask has the sizes of the dims from {} on", number(found.len()));
                        let (left, right) = (self.shape().to_vec(), mask.shape().to_vec());
                        return Err(Error::Unfit { op, left, right, rule });
                    }
                    let places = mask.true_places(op)?;
                    let dims = mask.shape().iter().zip(strides(mask.shape()));
                    found.extend(dims.map(|(size, stride)| {
                        let values: Vec<usize> = places.iter().map(|place| place / stride % size).collect();
                        Some(Positions { shape: vec![values.len()], values })
                    }));
                }
                Some(own) => {
                    self.want_device(op, own)?;
                    own.want(op, Kind::Int)?;
                    if let Some(size) = self.shape().get(found.len()) {
                        own.check_positions(op, *size)?;
                    }
                    let values = own.longs(op)?.into_iter().map(|position| position as usize).collect();
                    found.push(Some(Positions { values, shape: own.shape().to_vec() }));
                }
                None => found.push(None),
            }
        }
        if found.len() > self.rank() {
            let want = format!("at most {}, one for each dim", self.rank());
            return Err(Error::argument(op, "the number of positions", want, found.len()));
        }
        Ok(found)
    }
}
