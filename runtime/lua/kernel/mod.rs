//! The class Kernel: compute shaders of the script's own.

mod arguments;
mod check;
mod file;

use std::rc::Rc;

use mlua::{MultiValue, Table, Value};

use super::{
    api::{Api, Interpreter, options},
    context::Context,
    object::object,
};
use crate::{Error, Result, kernel::Program};
use arguments::{Backward, Counts, Shapes};

/// A kernel, and how the script launches it.
#[derive(Clone)]
pub(super) struct ScriptKernel(Rc<Made>);

struct Made {
    program: Program,
    options: KernelOptions,
}

object!(ScriptKernel, "Kernel", "a kernel");

options! {
    /// Options of `mb.kernel`.
    KernelOptions("KernelOptions") {
        /// The kernel of the gradient: its file, or { file, threads =, groups = }. It reads any of the inputs and the output, and grad_OUTPUT; it writes grad_INPUT for each input that has a gradient.
        backward: Option<Backward> = None;
        /// The shapes of the outputs by their names, or a function of the call's table that returns them: each a list, or the name of an input that has it. That of the first input where left out.
        shapes: Option<Shapes> = None;
        /// The dtypes of the outputs by their names, for bool instead of int32 where a binding is an array of u32.
        dtypes: Option<Table> = None;
        /// The least number of threads in x, y and z, or a function of the call's table that returns it. One for each element (or vector) of the first output where left out.
        threads: Option<Counts> = None;
        /// The number of workgroups, instead of threads.
        groups: Option<Counts> = None;
        /// Seconds after which a launch counts as one that never ends.
        limit: f64 = 10.0;
    }
}

/// Declares the class and its function.
pub fn declare(api: &mut Api) {
    check::declare(api);
    api.function(
        "kernel",
        "file, options",
        "A compute shader in WGSL as a function: kernel { x = tensor, factor = 2 } takes a tensor for each read-only \
         binding and a number for each field of the uniform, by their names, and returns the read_write bindings as new \
         tensors in the order of their numbers. The file is looked for beside the script, in the working directory and in \
         its shaders folder; `// include: NAME` takes in a file from shared/ beside it. arrayLength of a binding is the \
         exact number of its elements; accesses outside are harmless. A shader that is saved takes effect as the script \
         does.",
        |lua: Interpreter, file: String, options: KernelOptions| {
            let forward = file::load(&lua.0, &file, None)?;
            let backward = options.backward.as_ref();
            let backward = backward.map(|backward| file::load(&lua.0, &backward.file, Some(&forward))).transpose()?;
            let program = Program::new(forward, backward)?;
            check_options(&program, &options)?;
            Ok(ScriptKernel(Rc::new(Made { program, options })))
        },
    );
    api.class::<ScriptKernel>("Kernel", "A compute shader of the script's own, to be called.", |class, docs| {
        class.operator(
            docs,
            "__call",
            "Its outputs, from a table of its inputs and scalars.",
            |lua: Interpreter, cx: Context, kernel: ScriptKernel, inputs: Table| -> Result<MultiValue> {
                let Made { program, options } = &*kernel.0;
                let arguments = arguments::read(&lua.0, program, options, &inputs)?;
                let outputs = program.call(&arguments, &cx.device)?.into_iter();
                let objects = outputs.map(|output| lua.0.create_any_userdata(output).map(Value::UserData));
                objects.collect::<mlua::Result<_>>().map_err(Error::callback)
            },
        );
        class.operator(docs, "__tostring", "Its file, what it takes and what it gives.", |kernel: ScriptKernel| {
            Ok(kernel.0.program.describe())
        });
    });
}

/// What the options say of a kernel that is known from its text alone.
fn check_options(program: &Program, options: &KernelOptions) -> Result<()> {
    let op = program.forward().name();
    let names: Vec<_> = program.outputs().map(|binding| binding.name.as_str()).collect();
    if let Some(dtypes) = &options.dtypes {
        arguments::unknown_output(dtypes, op, &names)?;
    }
    if let Some(Shapes::Given(shapes)) = &options.shapes {
        arguments::unknown_output(shapes, op, &names)?;
    }
    let both = |threads: &Option<Counts>, groups: &Option<Counts>| threads.is_some() && groups.is_some();
    let backward = options.backward.as_ref().is_some_and(|backward| both(&backward.threads, &backward.groups));
    if backward || both(&options.threads, &options.groups) {
        return Err(Error::argument("kernel", "threads", "left out where groups are given", "both"));
    }
    arguments::limit(options).map(|_| ())
}
