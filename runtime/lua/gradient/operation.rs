//! The class Operation: an operation of a script's own, whose gradient is a function of the script.

use std::rc::Rc;

use mlua::{Function, Lua, MultiValue, Value, WeakLua};

use super::saved::{Origin, Saved, tensor_in};
use crate::{
    Device, Error, Result, Tensor,
    lua::{
        api::{Api, Interpreter, Rest, mismatch},
        object::object,
        order::objects,
    },
    options::options,
    position::number,
    tape::{self, Rule, Step},
    tensor::{Kind, no_grad},
};

options! {
    /// An operation of one's own.
    pub struct OperationOptions {
        /// Called with a table `saved`, empty, and the arguments. Returns the outputs. Nothing in it is recorded. What the
        /// gradient needs is put into `saved`: inputs, outputs and plain values for gradients of any order, other
        /// tensors for those of first order.
        pub forward: Function;
        /// Called with a copy of that table, made for each pass, and the gradient by each output, zeros where a pass has
        /// none. Returns the gradient by each argument, nil for one that has none. It may ask for gradients itself.
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
        class.example(
            r"local straight_through = mb.operation {
  forward = function(_, x) return x:round() end,
  backward = function(_, g) return g end,
}
local x = mb.tensor({ 0.7 }):requires_grad()
print(straight_through(x):item(), mb.grad(straight_through(x):sum(), { x })[1]:item()) --> 1.0 1.0",
        );
        class
            .operator(
                docs,
                "__call",
                "Its outputs.",
                |lua: Interpreter, operation: Operation, arguments: Rest<Value>| operation.call(&lua.0, arguments.0),
            )
            .example(
                r"local double = mb.operation {
  forward = function(_, x) return 2 * x end,
  backward = function(_, g) return 2 * g end,
}
local x = mb.tensor({ 3.0 }):requires_grad()
print(double(x):item(), mb.grad(double(x):sum(), { x })[1]:item()) --> 6.0 2.0",
            );
        class
            .operator(docs, "__tostring", "Its name.", |operation: Operation| {
                Ok(format!("operation {}", operation.0.name))
            })
            .example(
                r#"local round = mb.operation {
  name = "straight-through",
  forward = function(_, x) return x:round() end,
  backward = function(_, g) return g end,
}
print(round) --> operation straight-through"#,
            );
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
            arguments.iter().enumerate().filter_map(|(place, value)| Some((place, tensor_in(value)?))).collect();
        let outputs: Vec<Option<Tensor>> = returned.iter().map(tensor_in).collect();
        if outputs.iter().all(Option::is_none) {
            return Err(self.refuse("forward", "returned no tensor".into()));
        }
        let computed: Vec<Tensor> = outputs.iter().flatten().map(Tensor::detach).collect();
        let tracked: Vec<&Tensor> = inputs.iter().map(|(_, input)| input).collect();
        let mut failed = None;
        let rule = |tape: &tape::Recording<Tensor>| {
            let saved = Saved::of(lua, &saved, &Origin { outputs: &computed, began, tape });
            Gradient {
                operation: self.clone(),
                lua: lua.weak(),
                saved: saved.map_err(|error| failed = Some(error)).ok(),
                arguments: arguments.len(),
                inputs: inputs.iter().map(|(place, input)| (*place, input.shape().to_vec())).collect(),
                outputs: computed.iter().map(Output::of).collect(),
            }
        };
        let is_float = |output: &Tensor| output.kind() == Kind::Float;
        let recorded = tape::record_many(self.0.name.clone(), &tracked, computed.clone(), is_float, rule);
        if let Some(error) = failed {
            return Err(Error::callback(error));
        }
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

/// What is known of an output without keeping it.
struct Output {
    kind: Kind,
    shape: Vec<usize>,
    device: Device,
}

impl Output {
    fn of(tensor: &Tensor) -> Self {
        Self { kind: tensor.kind(), shape: tensor.shape().to_vec(), device: tensor.device().clone() }
    }

    /// What the backward function is given for it.
    fn gradient(&self, lua: &Lua, gradient: Option<Tensor>) -> Result<Value> {
        let gradient = match gradient {
            _ if self.kind != Kind::Float => return Ok(Value::Nil),
            Some(gradient) => gradient,
            None => Tensor::zeros(&self.shape, &self.device)?,
        };
        objects::create(lua, gradient).map(Value::UserData).map_err(Error::callback)
    }
}

/// The script's gradient of one call.
struct Gradient {
    operation: Operation,
    lua: WeakLua,
    /// None where it could not be kept; the call has then failed.
    saved: Option<Saved>,
    arguments: usize,
    /// The place of each tensor among the arguments, and its shape.
    inputs: Vec<(usize, Vec<usize>)>,
    outputs: Vec<Output>,
}

impl Rule<Tensor> for Gradient {
    fn backward(&self, by_outputs: Vec<Option<Tensor>>, step: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        let refuse = |what: String| self.operation.refuse("backward", what);
        let (Some(lua), Some(saved)) = (self.lua.try_upgrade(), &self.saved) else {
            return Err(refuse("is gone".into()));
        };
        let is_recorded = tape::is_recording();
        if let (true, Some(path)) = (is_recorded, saved.unrecorded()) {
            return Err(refuse(format!(
                "has no gradient of its own: forward has computed {path}, and nothing recorded that; save inputs and \
                 outputs, and compute the rest in backward"
            )));
        }
        let mut values = vec![Value::Table(saved.table(&lua, step, is_recorded)?)];
        for (by_output, output) in by_outputs.into_iter().zip(&self.outputs) {
            values.push(output.gradient(&lua, by_output)?);
        }
        let backward = &self.operation.0.backward;
        // It may ask for gradients of what it computes, also where all that it is given are constants.
        let returned = tape::recording(true, || backward.call::<MultiValue>(MultiValue::from_vec(values)));
        let returned = returned.map_err(Error::callback)?;
        let mut returned: Vec<Value> = returned.into_iter().collect();
        while returned.len() > self.arguments && returned.last().is_some_and(Value::is_nil) {
            returned.pop();
        }
        let lacks = self.inputs.last().is_some_and(|(place, _)| returned.get(*place).is_none());
        if lacks || returned.len() > self.arguments {
            return Err(refuse(format!(
                "returned {} gradients for {} arguments; it returns one for each, nil for one that has none",
                returned.len(),
                self.arguments
            )));
        }
        let is_input = |place: usize| self.inputs.iter().any(|(input, _)| *input == place);
        if let Some(place) = (0..returned.len()).find(|place| !is_input(*place) && !returned[*place].is_nil()) {
            return Err(refuse(format!(
                "returned a gradient by argument {}, which is no tensor; it returns nil for that",
                number(place)
            )));
        }
        self.inputs.iter().map(|(place, shape)| self.gradient(*place, shape, &returned[*place])).collect()
    }
}

impl Gradient {
    fn gradient(&self, place: usize, shape: &[usize], value: &Value) -> Result<Option<Tensor>> {
        let what = || format!("the gradient by argument {}", number(place));
        match (value, tensor_in(value)) {
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
}
