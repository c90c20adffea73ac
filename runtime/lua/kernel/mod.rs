//! The class Kernel: compute shaders of the script's own.

mod arguments;
mod check;
mod constants;
mod file;
mod options;

use std::rc::Rc;

use mlua::{Lua, MultiValue, Table, Value};

use super::{
    api::{Api, Interpreter, Returned},
    context::Context,
    object::object,
    order::objects,
};
use crate::{Device, Error, Result, Tensor, kernel::Program};
use options::{KernelOptions, Shapes};

/// A kernel, and how the script launches it.
#[derive(Clone)]
pub struct ScriptKernel(Rc<Made>);

struct Made {
    program: Program,
    options: KernelOptions,
}

object!(ScriptKernel, "Kernel", "a kernel");

impl ScriptKernel {
    /// The kernel itself.
    pub(super) fn program(&self) -> &Program {
        &self.0.program
    }

    /// Its outputs, from a table of its inputs and scalars.
    pub(super) fn launch(&self, lua: &Lua, inputs: &Table, device: &Device) -> Result<Vec<Tensor>> {
        let Made { program, options } = &*self.0;
        program.call(&arguments::read(lua, program, options, inputs)?, device)
    }
}

/// What a kernel gives: a tensor or several.
struct Outputs(Vec<Tensor>);

impl Returned for Outputs {
    fn kind() -> String {
        "moonburn.Tensor, moonburn.Tensor?".into()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        self.0.into_iter().map(|output| objects::create(lua, output).map(Value::UserData)).collect()
    }
}

/// Declares the class and its function.
pub fn declare(api: &mut Api) {
    check::declare(api);
    api.function(
        "kernel",
        "file, options",
        "A compute shader in WGSL as a function: kernel { x = tensor, factor = 2 } takes a tensor for each read-only \
         binding and a number for each field of the uniform, by their names, and returns the read_write bindings as \
         new tensors in the order of their numbers. The file is looked for beside the script, in the working \
         directory and in its shaders folder; `// include: NAME` takes in a file from shared/ beside it. arrayLength \
         of a binding is the exact number of its elements; accesses outside stay inside it, but may meet its last \
         element, and OpenGL does not check them: guard the index. Arrays of f32 are float32 tensors, of f16 \
         float16 (not every device has those; arrayLength of an odd number of them is one more), of i32 int32, of u32 \
         int32 or bool. An input on the tape by which there is no gradient is an error: detach it. A shader that is \
         saved takes effect as the script does.",
        |lua: Interpreter, file: String, options: KernelOptions| {
            let forward = file::load(&lua.0, &file, None)?;
            let backward = options.backward.as_ref();
            let backward = backward.map(|backward| file::load(&lua.0, &backward.file, Some(&forward))).transpose()?;
            let (forward, backward) = constants::given(&lua.0, options.constants.as_ref(), forward, backward)?;
            let program = Program::new(forward, backward)?;
            check_options(&program, &options)?;
            Ok(ScriptKernel(Rc::new(Made { program, options })))
        },
    )
    .example(
        r#"local swish = mb.kernel("swish.wgsl") -- of shaders/: y = x · σ(beta · x)
print(swish { x = mb.tensor { 0.0, 1.0 }, beta = 1 })
--> tensor [2] float32 on cpu
--> [0.0000, 0.7311]"#,
    );
    api.class::<ScriptKernel>("Kernel", "A compute shader of the script's own, to be called.", |class, docs| {
        class.example(
            r#"local swish = mb.kernel("swish.wgsl", { backward = "swish_backward.wgsl" })
local x = mb.tensor({ 3.0 }):requires_grad()
local y = swish { x = x, beta = 0 } -- half of x
print(y:item(), mb.grad(y:sum(), { x })[1]:item()) --> 1.5 0.5"#,
        );
        class
            .operator(
                docs,
                "__call",
                "Its outputs, from a table of its inputs and scalars.",
                |lua: Interpreter, cx: Context, kernel: ScriptKernel, inputs: Table| {
                    kernel.launch(&lua.0, &inputs, &cx.device).map(Outputs)
                },
            )
            .example(
                r#"local swish = mb.kernel("swish.wgsl")
print(swish({ x = mb.tensor { 3.0 }, beta = 0 }):item()) --> 1.5"#,
            );
        class
            .operator(docs, "__tostring", "Its file, what it takes and what it gives.", |kernel: ScriptKernel| {
                Ok(kernel.0.program.describe())
            })
            .example(r#"print(mb.kernel("swish.wgsl")) --> kernel shaders/swish.wgsl(x: f32, beta) -> y: f32"#);
    });
}

/// What the options say of a kernel that is known from its text alone.
fn check_options(program: &Program, options: &KernelOptions) -> Result<()> {
    let op = program.forward().name();
    let names: Vec<_> = program.outputs().map(|binding| binding.name.as_str()).collect();
    if let Some(dtypes) = &options.dtypes {
        arguments::unknown_output(dtypes, op, &names)?;
    }
    let bindings = || {
        let kernels = [Some(program.forward()), program.backward()].into_iter().flatten();
        kernels.flat_map(|kernel| &kernel.interface().bindings).map(|binding| binding.name.as_str())
    };
    if let Some(name) = options.channels_last.iter().flatten().find(|name| bindings().all(|known| known != *name)) {
        return Err(Error::unknown(op, "binding", name, bindings()));
    }
    if let Some(Shapes::Given(shapes)) = &options.shapes {
        arguments::unknown_output(shapes, op, &names)?;
    }
    let backward = options.backward.as_ref().is_some_and(|backward| backward.launch.contradicts());
    if backward || options.launch.contradicts() {
        return Err(Error::argument("kernel", "threads", "left out where groups are given", "both"));
    }
    Ok(())
}
