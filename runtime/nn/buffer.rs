//! A tensor that a layer moves itself, such as a running mean. A handle is shared by cloning; the tensor behind it is
//! replaced, never written to. A function that is run twice finds in its second run what it found in its first, and
//! leaves nothing behind.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::{
    Device, Error, Result, Tensor,
    tensor::{DType, Kind},
};

/// A tensor that a layer moves itself.
#[derive(Clone)]
pub struct Buffer(Rc<Cells>);

struct Cells {
    start: Start,
    /// Whether its value came from a state.
    is_inherited: Cell<bool>,
    value: RefCell<Option<Tensor>>,
}

/// What it has before anybody moves it.
#[derive(Clone)]
enum Start {
    Filled { shape: Vec<usize>, value: f64 },
    Given(Tensor),
}

impl Buffer {
    /// A buffer that will start with one value everywhere.
    pub fn new(shape: &[usize], start: f64) -> Self {
        Self::starting(Start::Filled { shape: shape.to_vec(), value: start })
    }

    /// A buffer that will start with the elements of a tensor, and keeps its dtype.
    pub fn of(tensor: &Tensor) -> Self {
        Self::starting(Start::Given(tensor.detach().to_owned_tensor()))
    }

    fn starting(start: Start) -> Self {
        Self(Rc::new(Cells { start, is_inherited: Cell::default(), value: RefCell::default() }))
    }

    /// A buffer that starts as this one did, and has no value yet.
    pub fn fresh(&self) -> Self {
        Self::starting(self.0.start.clone())
    }

    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match &self.0.start {
            Start::Filled { shape, .. } => shape,
            Start::Given(tensor) => tensor.shape(),
        }
    }

    /// Its dtype.
    pub fn dtype(&self) -> DType {
        match &self.0.start {
            Start::Filled { .. } => DType::Float32,
            Start::Given(tensor) => tensor.dtype(),
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// It has none yet.
    pub fn value(&self) -> Result<Tensor> {
        note(self);
        self.0.value.borrow().clone().ok_or_else(|| Error::State { op: "buffer", reason: "has no value yet".into() })
    }

    /// Replaces the value, without a tape; as the dtype of the tensor that it started with, if it started with one.
    ///
    /// # Errors
    /// Another shape; floats, ints and truth values in the place of one another.
    pub fn set(&self, value: Tensor) -> Result<()> {
        if value.kind() != self.dtype().kind() {
            return Err(Error::Kind { op: "buffer", want: self.dtype().name(), got: value.dtype().name() });
        }
        if value.shape() != self.shape() {
            return Err(Error::Shapes { op: "buffer", left: self.shape().to_vec(), right: value.shape().to_vec() });
        }
        let value = match &self.0.start {
            Start::Given(tensor) => value.to_dtype(tensor.dtype())?,
            Start::Filled { .. } => value,
        };
        note(self);
        self.0.value.replace(Some(value.to_be_kept()));
        Ok(())
    }

    /// Takes its value from a state. Errors as [`Buffer::set`].
    pub(super) fn inherit(&self, value: Tensor) -> Result<()> {
        self.0.is_inherited.set(true);
        self.set(value)
    }

    /// Whether its value came from a state.
    pub fn is_inherited(&self) -> bool {
        self.0.is_inherited.get()
    }

    /// Puts a tensor in the place of the value, whatever it is, and gives the value.
    pub(super) fn swap(&self, value: Option<Tensor>) -> Option<Tensor> {
        note(self);
        self.0.value.replace(value)
    }

    pub(super) fn realise(&self, device: &Device) -> Result<()> {
        if self.0.value.borrow().is_some() {
            return Ok(());
        }
        self.set(match &self.0.start {
            Start::Filled { shape, value } => Tensor::full(*value, shape, Kind::Float, device)?,
            Start::Given(tensor) => tensor.to_device(device)?,
        })
    }
}

thread_local! {
    /// What the work that is under way has touched, the innermost last.
    static NOTES: RefCell<Vec<Touched>> = const { RefCell::new(Vec::new()) };
}

/// Buffers that some work has read or set, with what they had before.
#[derive(Clone, Default)]
pub struct Touched(Vec<(Buffer, Option<Tensor>)>);

/// Notes a buffer that is about to be read or set.
fn note(buffer: &Buffer) {
    NOTES.with_borrow_mut(|notes| {
        if let Some(touched) = notes.last_mut() {
            touched.add(buffer, || buffer.0.value.borrow().clone());
        }
    });
}

/// Runs `body` and gives the buffers that it has touched.
pub fn touching<T>(body: impl FnOnce() -> T) -> (T, Touched) {
    let noting = Noting::begin();
    let returned = body();
    (returned, noting.end())
}

/// Notes until it is dropped, also where the work panics.
struct Noting(usize);

impl Noting {
    fn begin() -> Self {
        NOTES.with_borrow_mut(|notes| {
            notes.push(Touched::default());
            Self(notes.len() - 1)
        })
    }

    fn end(self) -> Touched {
        let taken = NOTES.with_borrow_mut(|notes| {
            let own = notes.drain(self.0..).next().unwrap_or_default();
            // What work within other work has touched, this has touched.
            if let Some(around) = notes.last_mut() {
                own.0.iter().for_each(|(buffer, before)| around.add(buffer, || before.clone()));
            }
            own
        });
        std::mem::forget(self);
        taken
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        NOTES.with_borrow_mut(|notes| notes.truncate(self.0));
    }
}

/// Gives buffers back what they had, when it is dropped.
struct Restore(Touched);

impl Drop for Restore {
    fn drop(&mut self) {
        self.0.0.drain(..).for_each(|(buffer, value)| drop(buffer.0.value.replace(value)));
    }
}

impl Touched {
    fn add(&mut self, buffer: &Buffer, before: impl FnOnce() -> Option<Tensor>) {
        if !self.0.iter().any(|(known, _)| Rc::ptr_eq(&known.0, &buffer.0)) {
            self.0.push((buffer.clone(), before()));
        }
    }

    /// Runs `body` with the buffers as they were then. Afterwards they, and all others that it touches, are as now.
    pub fn again<T>(&self, body: impl FnOnce() -> T) -> T {
        let now = self.0.iter().map(|(buffer, before)| (buffer.clone(), buffer.0.value.replace(before.clone())));
        let _restore = Restore(Self(now.collect()));
        let (returned, touched) = touching(body);
        // Those of before get what they have now a moment later.
        drop(Restore(touched));
        returned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_of_a_tensor_starts_with_it_and_keeps_its_dtype() {
        let device = Device::cpu();
        let counts = Tensor::from_ints(vec![3, 4], &[2], &device).unwrap();
        let buffer = Buffer::of(&counts);
        assert!(buffer.value().is_err());
        buffer.realise(&device).unwrap();
        assert_eq!((buffer.value().unwrap().ints("buffer").unwrap(), buffer.dtype()), (vec![3, 4], DType::Int32));
        let error = buffer.set(Tensor::ones(&[2], &device).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "buffer: wants an int32 tensor, got float32");
        let error = buffer.set(counts.reshape(&[1, 2]).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "buffer: shapes differ: [2] and [1, 2]");
        let again = buffer.fresh();
        buffer.set(counts.add_scalar(1.0).unwrap()).unwrap();
        again.realise(&device).unwrap();
        assert_eq!(again.value().unwrap().ints("buffer").unwrap(), [3, 4]);
    }

    fn value(buffer: &Buffer) -> f64 {
        buffer.value().unwrap().item().unwrap()
    }

    fn add_one(buffer: &Buffer) -> f64 {
        let before = buffer.value().unwrap();
        buffer.set(before.add_scalar(1.0).unwrap()).unwrap();
        before.item().unwrap()
    }

    fn buffer() -> Buffer {
        let buffer = Buffer::new(&[], 0.0);
        buffer.realise(&Device::cpu()).unwrap();
        buffer
    }

    #[test]
    fn a_second_run_reads_what_the_first_one_read_and_leaves_nothing_behind() {
        let (own, other) = (buffer(), buffer());
        let (read, touched) = touching(|| [add_one(&own), add_one(&own)]);
        assert_eq!((read, value(&own)), ([0.0, 1.0], 2.0));
        add_one(&own);
        assert_eq!(touched.again(|| [add_one(&own), add_one(&own), add_one(&other)]), [0.0, 1.0, 0.0]);
        assert_eq!((value(&own), value(&other)), (3.0, 0.0));
    }

    #[test]
    fn what_work_within_it_has_touched_counts_as_its_own() {
        let own = buffer();
        let ((), touched) = touching(|| {
            add_one(&own);
            drop(touching(|| add_one(&own)));
        });
        assert_eq!((touched.again(|| value(&own)), value(&own)), (0.0, 2.0));
    }
}
