//! Views as tensors: on the CPU by `augment`, on a GPU device by one kernel from the bytes of the data set that lie
//! there. The draws are the same, so the same view comes out on both.

mod batch;
mod held;
mod kernel;
mod make;
mod program;
mod row_draws;
mod source;
mod stage;

pub use batch::{images_of, labels_of, of_batch};
pub use make::{Augment, make};
pub use row_draws::RowDraws;
pub use source::Source;
