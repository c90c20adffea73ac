//! How a tensor reads on a terminal.

use std::fmt::{self, Write};

use super::{Elements, Tensor};

/// Along a dim with more positions than this only the first and last few are shown.
const SHOWN: usize = 8;
const EDGE: usize = 3;

/// `[2, 3]`, or `[]` for a scalar.
pub fn format_shape(shape: &[usize]) -> String {
    format!("{shape:?}")
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let elements = match self.elements() {
            Ok(elements) => elements,
            Err(error) => return write!(f, "tensor {:?} {} ({error})", self.shape(), self.dtype()),
        };
        let mut text = String::new();
        write_dim(&mut text, &elements, self.shape(), 0, 1)?;
        let tape = if self.is_tracked() { ", requires grad" } else { "" };
        write!(f, "tensor {:?} {} on {}{tape}\n{text}", self.shape(), self.dtype(), self.device().name())
    }
}

fn write_dim(out: &mut String, elements: &Elements, shape: &[usize], offset: usize, indent: usize) -> fmt::Result {
    let Some((size, rest)) = shape.split_first() else {
        return write_element(out, elements, offset);
    };
    let stride: usize = rest.iter().product();
    out.push('[');
    let mut first = true;
    for i in 0..*size {
        if *size > SHOWN && i >= EDGE && i < size - EDGE {
            if i == EDGE {
                out.push_str(if rest.is_empty() { ", …" } else { ",\n" });
                if !rest.is_empty() {
                    write!(out, "{:indent$}…", "")?;
                }
            }
            continue;
        }
        if !first {
            out.push(',');
            if rest.is_empty() {
                out.push(' ');
            } else {
                write!(out, "\n{:indent$}", "")?;
            }
        }
        first = false;
        write_dim(out, elements, rest, offset + i * stride, indent + 1)?;
    }
    out.push(']');
    Ok(())
}

fn write_element(out: &mut String, elements: &Elements, i: usize) -> fmt::Result {
    match elements {
        Elements::Float16(values) => write_float(out, values[i].to_f64()),
        Elements::BFloat16(values) => write_float(out, values[i].to_f64()),
        Elements::Float(values) => write_float(out, values[i].into()),
        Elements::Float64(values) => write_float(out, values[i]),
        Elements::UInt8(values) => write!(out, "{}", values[i]),
        Elements::Int(values) => write!(out, "{}", values[i]),
        Elements::Int64(values) => write!(out, "{}", values[i]),
        Elements::Bool(values) => write!(out, "{}", values[i]),
    }
}

fn write_float(out: &mut String, value: f64) -> fmt::Result {
    if value != 0.0 && !(1e-3..1e5).contains(&value.abs()) && value.is_finite() {
        return write!(out, "{value:.3e}");
    }
    write!(out, "{value:.4}")
}

/// Format, shape and device; the elements would have to be read.
impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} on {}", self.dtype(), self.shape(), self.device().name())
    }
}
