//! What `module.NAME` and `module[NUMBER]` give, and what an assignment to a name sets.

use mlua::{Lua, MultiValue, Value};

use super::composed::Methods;
use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Docs, Interpreter, Returned, of_kind},
        context::Context,
        object::any_of,
    },
    nn::Module,
    position::number,
};

of_kind!(
    /// What a loop over parts goes by.
    Parts,
    "fun(): any, moonburn.Module"
);

/// What a name of a module stands for.
enum Part {
    Child(Module),
    Own(Tensor),
    Method(Value),
}

any_of!(Part, Child, Own, Method);

/// Declares reading and assigning.
pub(super) fn parts(class: &mut Class<Module>, docs: &mut Docs) {
    class
        .operator(
            docs,
            "__newindex",
            "Sets a buffer: of the same shape, without a tape. It is an error for any other name. In setup a buffer that a \
             resumption, a fork or an edit has handed over keeps what it has.",
            |lua: Interpreter, cx: Context, module: Module, name: String, value: Value| {
                assign(&lua.0, &cx, &module, &name, value)
            },
        )
        .example(
            r#"local centred = mb.nn.module {
  center = mb.nn.buffer({ 2 }),
  forward = function(self, x)
    if self.training then self.center = 0.9 * self.center + 0.1 * x:mean(1) end
    return x - self.center
  end,
}:realise("centred")
centred(mb.ones(4, 2))
print(centred.center)
--> tensor [2] float32 on cpu
--> [0.1000, 0.1000]"#,
        );
    class
        .operator(docs, "__len", "The number of its parts.", |module: Module, _: Value| Ok(module.len()))
        .example(r"print(#mb.nn.sequential { mb.nn.relu(), mb.nn.flatten() }, #mb.nn.relu()) --> 2 0");
    class
        .operator(
            docs,
            "__pairs",
            "The parts with their names, or, of a list, with their positions as ipairs has them.",
            |lua: Interpreter, module: Module| iterated(&lua.0, module),
        )
        .example(
            r"for position, layer in pairs(mb.nn.sequential { mb.nn.relu(), mb.nn.flatten() }) do print(position, layer) end
--> 1 relu()
--> 2 flatten()",
        );
    class
        .other_names(
            "Its parts, its own parameters and buffers as tensors, and its own methods, by name.",
            |module, name, _| part(module, name),
        )
        .index("The part at a position of a list, such as a sequential.", |module, position| {
            module.child_at(position).cloned()
        });
}

fn part(module: &Module, name: &str) -> Result<Option<Part>> {
    if let Some((_, child)) = module.children().iter().find(|(child, _)| child == name) {
        return Ok(Some(Part::Child(child.clone())));
    }
    // What is read is not the place that it lies in.
    let is_buffer = module.own_buffer(name).is_some();
    if let Some(own) = module.find_own(name)? {
        return Ok(Some(Part::Own(if is_buffer { own.to_view() } else { own })));
    }
    Ok(Methods::of(module).and_then(|methods| methods.get(name)).map(Part::Method))
}

fn assign(lua: &Lua, cx: &Context, module: &Module, name: &str, value: Value) -> Result<()> {
    let Some(buffer) = module.own_buffer(name) else {
        let reason = format!(
            "a module's '{name}' is set by its optimizer, load, or ema_update; functional_call takes other tensors for \
             one call, and a buffer is one that mb.nn.buffer made"
        );
        return Err(Error::State { op: "assignment", reason });
    };
    let value = Tensor::from_value(value, lua, "assignment", name)?;
    // In setup, what a checkpoint or an edit has handed over goes on.
    if cx.draw_stage().is_setup && buffer.is_inherited() {
        return Ok(());
    }
    buffer.set(value.detach()).map_err(|error| error.within(&module.path_of(name)))
}

fn iterated(lua: &Lua, module: Module) -> Result<Parts> {
    let key = |at: usize, name: &str| match module.is_list() {
        true => Ok(Value::Integer(number(at))),
        false => lua.create_string(name).map(Value::String),
    };
    let found = module.children().iter().enumerate();
    let found = found.map(|(at, (name, part))| Ok((key(at, name)?, part.clone().into_value(lua)?)));
    let found = found.collect::<mlua::Result<Vec<_>>>().map_err(Error::callback)?;
    one_after_another(lua, found).map(Parts::from)
}

/// A function that gives pairs one after another, and then nothing.
pub(super) fn one_after_another(lua: &Lua, pairs: Vec<(Value, Value)>) -> Result<mlua::Function> {
    let pairs = std::cell::RefCell::new(pairs.into_iter());
    let next =
        lua.create_function(move |_, _: MultiValue| Ok(pairs.borrow_mut().next().unwrap_or((Value::Nil, Value::Nil))));
    next.map_err(Error::callback)
}
