//! How the example of an elementwise method reads.

/// An example of a method of a list of floats or truth values, which gives as many.
pub(super) fn example(call: &str, of: &str, is: &str) -> String {
    let count = of.split(',').count();
    let dtype = if is.starts_with(['t', 'f']) { "bool" } else { "float32" };
    format!("print(mb.tensor({{ {of} }}):{call})\n--> tensor [{count}] {dtype} on cpu\n--> [{is}]")
}
