//! First and second gradients against PyTorch's: programs of operations that `tests/reference` made and differentiated.

mod compare;
mod compositions;
mod coverage;
mod differentiate;
mod edges;
mod elementwise;
mod layers;
mod linear_algebra;
mod losses;
mod operations;
mod program;
mod rearranging;
mod references;
