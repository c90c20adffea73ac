//! Elements on their way to Lua, and dtypes.

use mlua::{Lua, MultiValue, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Docs, Interpreter},
        order::objects,
        raised::raise,
    },
    options::Choice,
    position::number,
    tensor::{DType, Elements},
};

/// Reading and casting.
pub(super) fn values(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(docs, "item", "", "The value of a tensor with one element, as a number or a boolean.", |t: Tensor| {
            t.want_single("item")?;
            Ok(element(&t.elements()?, 0))
        })
        .example(
            r"local loss = mb.tensor({ 1.0, 2.0 }):mean()
print(loss:item() + 1) --> 2.5",
        );
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
        "The same values in another format. To an int truncates, and what does not fit is an error; from float to float \
         the gradient goes through. float16, bfloat16 and uint8 are for storage: arithmetic takes them as float32 and int32. \
         float64, int64 and uint8 are on the CPU alone.",
        |t: Tensor, dtype: DType| t.to_dtype(dtype),
    )
    .example(
        r#"local x = mb.tensor { 0.1, 2.5 }
print(x:cast("float64") * 10)
--> tensor [2] float64 on cpu
--> [1.0000, 25.0000]
print(x:cast("int64").dtype, x:cast("uint8"):sum():item()) --> int64 2"#,
    );
    class
        .method(
            docs,
            "clone",
            "",
            "A tensor of its own with the same elements, for writing into it; they are copied when one of the two is written \
             into. On the tape it stays on the tape.",
            |t: Tensor| Ok(t.to_owned_tensor()),
        )
        .example(
            r"local kept = mb.zeros(2)
local copy = kept:clone()
copy[1] = 5
print(kept[1]:item(), copy[1]:item()) --> 0.0 5.0",
        );
    class
        .operator(
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
        )
        .example(
            r"for i, row in pairs(mb.tensor { { 1, 2 }, { 3, 4 } }) do print(i, row:sum():item()) end
--> 1 3
--> 2 7",
        );
    class
        .method(docs, "numel", "", "The number of elements.", |t: Tensor| Ok(t.len()))
        .example(r"print(mb.zeros(2, 3):numel()) --> 6");
}

fn nested(lua: &Lua, elements: &Elements, shape: &[usize], offset: usize) -> mlua::Result<Value> {
    let Some((size, rest)) = shape.split_first() else {
        return Ok(element(elements, offset));
    };
    let table = lua.create_table_with_capacity(*size, 0)?;
    let stride: usize = rest.iter().product();
    for i in 0..*size {
        table.raw_push(nested(lua, elements, rest, offset + i * stride)?)?;
    }
    Ok(Value::Table(table))
}

fn element(elements: &Elements, place: usize) -> Value {
    match elements {
        Elements::Float16(values) => Value::Number(values[place].to_f64()),
        Elements::BFloat16(values) => Value::Number(values[place].to_f64()),
        Elements::Float(values) => Value::Number(values[place].into()),
        Elements::Float64(values) => Value::Number(values[place]),
        Elements::UInt8(values) => Value::Integer(values[place].into()),
        Elements::Int(values) => Value::Integer(values[place].into()),
        Elements::Int64(values) => Value::Integer(values[place]),
        Elements::Bool(values) => Value::Boolean(values[place]),
    }
}

impl Argument for DType {
    fn kind(_: &mut Docs) -> String {
        Self::NAMES.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join("|")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let text = String::from_value(value, lua, op, name)?;
        let found = Self::ALL.iter().find(|dtype| dtype.name() == text).copied();
        found.ok_or_else(|| Error::unknown(op, "dtype", text, Self::NAMES.iter().copied()))
    }
}
