//! The class Operation: an operation of a script's own, whose gradient is a function of the script.

use std::rc::Rc;

use mlua::{AnyUserData, Function, Lua, MultiValue, Table, Value, WeakLua};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Interpreter, Rest, mismatch},
        object::object,
        order::{self, objects},
    },
    options::options,
    position::number,
    tape::{self, Kept, Rule, Step},
    tensor::{Kind, no_grad},
};

/// How deep tables in what is saved may lie.
const DEPTH: u8 = 16;

options! {
    /// An operation of one's own.
    pub struct OperationOptions {
        /// Called with a table `saved`, empty, and the arguments. Returns the outputs. Nothing in it is recorded. What the
        /// gradient needs is put into `saved`: inputs, outputs and plain values for gradients of any order, other
        /// tensors for those of first order.
        pub forward: Function;
        /// Called with the same table and the gradient by each output, zeros where a pass has none. Returns the gradient
        /// by each argument, nil for one that has none. What it computes is recorded where that is asked for.
        pub backward: Function;
        /// What errors call it.
        pub name: String = "operation".into();
    }
}

/// An operation of a script.
#[derive(Clone)]
pub struct Operation(Rc<OperationOptions>);

object!(Operation, "Operation", "an operation");

/// Declares the class and its function.
pub fn declare(api: &mut Api) {
    api.function(
        "operation",
        "options",
        "An operation of one's own, to be called with tensors and other values, with a gradient that is computed as it \
         says: torch.autograd.Function.",
        |options: OperationOptions| Ok(Operation(Rc::new(options))),
    )
    .example(
        r#"local clipped = mb.operation {
  name = "clipped",
  forward = function(saved, x, bound)
    saved.inside = x:abs():le(bound)
    return x:clamp(-bound, bound)
  end,
  backward = function(saved, g) return mb.where(saved.inside, g, 0.1 * g) end,
}
local x = mb.tensor({ 0.5, 3 }, "float32"):requires_grad()
print(mb.grad(clipped(x, 1):sum(), { x })[1])
--> tensor [2] float32 on cpu
--> [1.0000, 0.1000]"#,
    );
    api.class::<Operation>("Operation", "An operation of a script's own, to be called.", |class, docs| {
        class.operator(
            docs,
            "__call",
            "Its outputs.",
            |lua: Interpreter, operation: Operation, arguments: Rest<Value>| operation.call(&lua.0, arguments.0),
        );
        class.operator(docs, "__tostring", "Its name.", |operation: Operation| {
            Ok(format!("operation {}", operation.0.name))
        });
    });
}

impl Operation {
    fn call(&self, lua: &Lua, arguments: Vec<Value>) -> Result<MultiValue> {
        let saved = lua.create_table().map_err(Error::callback)?;
        let began = Tensor::next_number();
        let mut values = MultiValue::from_iter([Value::Table(saved.clone())]);
        values.extend(arguments.iter().cloned());
        let returned = no_grad(|| self.0.forward.call::<MultiValue>(values)).map_err(Error::callback)?;
        let inputs: Vec<(usize, Tensor)> =
            arguments.iter().enumerate().filter_map(|(place, value)| Some((place, tensor(value)?))).collect();
        let outputs: Vec<Option<Tensor>> = returned.iter().map(tensor).collect();
        if outputs.iter().all(Option::is_none) {
            return Err(self.refuse("forward", "returned no tensor".into()));
        }
        let computed: Vec<Tensor> = outputs.iter().flatten().map(Tensor::detach).collect();
        let tracked: Vec<&Tensor> = inputs.iter().map(|(_, input)| input).collect();
        let rule = |tape: &tape::Recording<Tensor>| Gradient {
            operation: self.clone(),
            lua: lua.weak(),
            saved: saved.clone(),
            began,
            arguments: arguments.len(),
            inputs: inputs.iter().map(|(place, input)| (*place, input.shape().to_vec())).collect(),
            outputs: computed
                .iter()
                .enumerate()
                .map(|(place, output)| tape.keep_output(output, place as u32))
                .collect(),
        };
        let is_float = |output: &Tensor| output.kind() == Kind::Float;
        let recorded = tape::record_many(self.0.name.clone(), &tracked, computed.clone(), is_float, rule);
        let mut recorded = recorded.into_iter();
        let values =
            returned.into_iter().zip(outputs).map(|(value, output)| match output.and_then(|_| recorded.next()) {
                Some(output) => objects::create(lua, output).map(Value::UserData),
                None => Ok(value),
            });
        values.collect::<mlua::Result<_>>().map_err(Error::callback)
    }

    fn refuse(&self, function: &str, what: String) -> Error {
        Error::State { op: "operation", reason: format!("the {function} of '{}' {what}", self.0.name) }
    }
}

fn tensor(value: &Value) -> Option<Tensor> {
    objects::borrow::<Tensor>(value.as_userdata()?).ok().map(|tensor| tensor.clone())
}

/// The script's gradient of one call.
struct Gradient {
    operation: Operation,
    lua: WeakLua,
    saved: Table,
    /// The number of the first tensor that the forward function can have made.
    began: u64,
    arguments: usize,
    /// The place of each tensor among the arguments, and its shape.
    inputs: Vec<(usize, Vec<usize>)>,
    outputs: Vec<Kept<Tensor>>,
}

impl Rule<Tensor> for Gradient {
    fn backward(&self, by_outputs: Vec<Option<Tensor>>, step: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        let Some(lua) = self.lua.try_upgrade() else { return Err(self.operation.refuse("backward", "is gone".into())) };
        let outputs = self.outputs.iter().map(|output| output.get(step)).collect::<Result<Vec<_>>>()?;
        let saved = match tape::is_recording() {
            true => self.on_the_tape(&lua, &self.saved, &outputs, DEPTH)?,
            false => self.saved.clone(),
        };
        let mut values = vec![Value::Table(saved)];
        for (by_output, output) in by_outputs.into_iter().zip(&outputs) {
            values.push(match by_output {
                _ if output.kind() != Kind::Float => Value::Nil,
                Some(gradient) => object(&lua, gradient)?,
                None => object(&lua, Tensor::zeros(output.shape(), output.device())?)?,
            });
        }
        let backward = &self.operation.0.backward;
        let returned = backward.call::<MultiValue>(MultiValue::from_vec(values)).map_err(Error::callback)?;
        let returned: Vec<Value> = returned.into_iter().collect();
        let lacks = self.inputs.last().is_some_and(|(place, _)| returned.get(*place).is_none());
        if lacks || returned.len() > self.arguments {
            let what = format!(
                "returned {} gradients for {} arguments; it returns one for each, nil for one that has none",
                returned.len(),
                self.arguments
            );
            return Err(self.operation.refuse("backward", what));
        }
        self.inputs.iter().map(|(place, shape)| self.gradient(*place, shape, &returned[*place])).collect()
    }
}

impl Gradient {
    fn gradient(&self, place: usize, shape: &[usize], value: &Value) -> Result<Option<Tensor>> {
        let what = || format!("the gradient by argument {}", number(place));
        match (value, tensor(value)) {
            (Value::Nil, _) => Ok(None),
            (_, Some(gradient)) if gradient.kind() == Kind::Float && gradient.shape() == shape => Ok(Some(gradient)),
            (_, Some(gradient)) => {
                let got = format!("{} of shape {:?}", gradient.kind(), gradient.shape());
                let what = format!("gave {} as {got}, and the argument is float32 of shape {shape:?}", what());
                Err(self.operation.refuse("backward", what))
            }
            (other, None) => Err(mismatch(&self.operation.0.name, &what(), "a tensor or nil", other)),
        }
    }

    /// What was saved, with outputs on the tape. A tensor that the forward function has made is on none: a gradient of a
    /// higher order would be wrong in silence.
    fn on_the_tape(&self, lua: &Lua, saved: &Table, outputs: &[Tensor], depth: u8) -> Result<Table> {
        let copy = lua.create_table().map_err(Error::callback)?;
        for (key, value) in order::entries(saved).map_err(Error::callback)? {
            let value = match (&value, tensor(&value)) {
                (Value::Table(inner), _) => match depth.checked_sub(1) {
                    Some(depth) => Value::Table(self.on_the_tape(lua, inner, outputs, depth)?),
                    None => return Err(self.operation.refuse("forward", "saved tables that are too deep".into())),
                },
                (_, Some(found)) => match outputs.iter().find(|output| output.is_same(&found)) {
                    Some(output) => object(lua, output.clone())?,
                    None if found.kind() == Kind::Float && !found.is_tracked() && found.number() >= self.began => {
                        let name = key.to_string().unwrap_or_default();
                        let what = format!(
                            "has no gradient of its own: forward has computed saved.{name}, and nothing recorded that; \
                             save inputs and outputs, and compute the rest in backward"
                        );
                        return Err(self.operation.refuse("backward", what));
                    }
                    None => value,
                },
                _ => value,
            };
            copy.raw_set(key, value).map_err(Error::callback)?;
        }
        Ok(copy)
    }
}

fn object(lua: &Lua, tensor: Tensor) -> Result<Value> {
    let object: AnyUserData = objects::create(lua, tensor).map_err(Error::callback)?;
    Ok(Value::UserData(object))
}
