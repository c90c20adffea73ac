//! Elements on their way to Lua, and dtypes.

use mlua::{Lua, MultiValue, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Docs, Interpreter},
        order::objects,
        raised::raise,
    },
    position::number,
    tensor::{Elements, Kind},
};

/// Reading and casting.
pub(super) fn values(class: &mut Class<Tensor>, docs: &mut Docs) {
    class.method(docs, "item", "", "The value of a tensor with one element, as a number or a boolean.", |t: Tensor| {
        let value = t.item()?;
        Ok(match t.kind() {
            Kind::Float => Value::Number(value),
            Kind::Int => Value::Integer(value as i64),
            Kind::Bool => Value::Boolean(value != 0.0),
        })
    });
    class
        .method(
            docs,
            "to_table",
            "",
            "The elements as nested lists; a scalar as a number.",
            |lua: Interpreter, t: Tensor| {
                let failed = |error: mlua::Error| Error::State { op: "to_table", reason: error.to_string() };
                nested(&lua.0, &t.elements()?, t.shape(), 0).map_err(failed)
            },
        )
        .example(
            r"for i, row in ipairs(mb.tensor({ { 1, 2 }, { 3, 4 } }):to_table()) do
  print(i, row[2])
end
--> 1 2
--> 2 4",
        );
    class.method(
        docs,
        "cast",
        "dtype",
        "The same values as float32, int32 or bool. To int truncates; only float keeps the gradient.",
        |t: Tensor, dtype: Kind| t.cast(dtype),
    );
    class.operator(
        docs,
        "__pairs",
        "The slices of the first dim with their positions, as ipairs goes through them.",
        |lua: Interpreter, t: Tensor| {
            let slices = lua.0.create_function(|lua, (t, position): (Value, i64)| {
                let t = Tensor::from_value(t, lua, "pairs", "self").map_err(|error| raise(lua, error))?;
                if t.shape().first().is_none_or(|size| position as usize >= *size) {
                    return Ok((Value::Nil, Value::Nil));
                }
                let slice = t.at(0, position as usize).map_err(|error| raise(lua, error))?;
                Ok((Value::Integer(number(position)), Value::UserData(objects::create(lua, slice)?)))
            });
            let start = [
                Value::Function(slices.map_err(Error::callback)?),
                Value::UserData(objects::create(&lua.0, t).map_err(Error::callback)?),
                Value::Integer(0),
            ];
            Ok(MultiValue::from_iter(start))
        },
    );
    class.method(docs, "numel", "", "The number of elements.", |t: Tensor| Ok(t.len()));
}

fn nested(lua: &Lua, elements: &Elements, shape: &[usize], offset: usize) -> mlua::Result<Value> {
    let Some((size, rest)) = shape.split_first() else {
        return Ok(match elements {
            Elements::Float(values) => Value::Number(f64::from(values[offset])),
            Elements::Int(values) => Value::Integer(i64::from(values[offset])),
            Elements::Bool(values) => Value::Boolean(values[offset]),
        });
    };
    let table = lua.create_table_with_capacity(*size, 0)?;
    let stride: usize = rest.iter().product();
    for i in 0..*size {
        table.raw_push(nested(lua, elements, rest, offset + i * stride)?)?;
    }
    Ok(Value::Table(table))
}

impl Argument for Kind {
    fn kind(_: &mut Docs) -> String {
        "\"float32\"|\"int32\"|\"bool\"".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let text = String::from_value(value, lua, op, name)?;
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Error::unknown(op, "dtype", text, Self::ALL.map(Self::name)))
    }
}
