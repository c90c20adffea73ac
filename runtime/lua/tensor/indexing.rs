//! Reading and writing by an index: `t[2]`, `t[{ {1, 4}, nil, 2 }]`, `t[mask]`, `t[positions]`. What each takes, the core
//! says.

use mlua::{Lua, Table, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Docs, Interpreter, mismatch},
        order::objects,
        position, session,
    },
    position::{FIRST, from_number, number, resolve},
    tensor::{Kind, Pick},
};

const OP: &str = "index";

/// Declares both.
pub(super) fn indexing(class: &mut Class<Tensor>, docs: &mut Docs) {
    class.example(
        r"local bank = mb.zeros(3, 2)
bank[1] = mb.tensor { 1, 2 }
bank[{ { 2, 3 }, 2 }] = 7
bank[bank:eq(0)] = -1
print(bank)
--> tensor [3, 2] float32 on cpu
--> [[1.0000, 2.0000],
-->  [-1.0000, 7.0000],
-->  [-1.0000, 7.0000]]",
    );
    class.index_by(
        "What a table takes, dim by dim: a position, whose dim goes; { first, last } or { first, last, step }, both \
         included; nothing, for all; an int tensor of positions; a bool mask. Or a mask or an int tensor by itself.",
        |lua, t: &Tensor, key| t.index(&picks(lua, t, key)?),
    );
    class
        .operator(
            docs,
            "__newindex",
            "Writes a number, a boolean or a tensor, which broadcasts, to what the same index reads. The tensor \
             changes for everyone who has this object; copies, snapshots and gradients keep what they had. It is an \
             error for a tensor on the tape, and for one that was read out of another.",
            write,
        )
        .example(
            r"local queue = mb.zeros(3, 2)
queue[2] = mb.tensor { 1, 2 }
queue[{ nil, 2 }] = 9
print(queue)
--> tensor [3, 2] float32 on cpu
--> [[0.0000, 9.0000],
-->  [1.0000, 9.0000],
-->  [0.0000, 9.0000]]",
        );
}

/// What a key takes of a tensor.
fn picks(lua: &Lua, t: &Tensor, key: &Value) -> Result<Vec<Pick>> {
    match key {
        Value::Integer(_) | Value::Number(_) | Value::UserData(_) => Ok(vec![pick(lua, t, 0, key)?]),
        Value::Table(table) => {
            let mut last = 0;
            for pair in table.pairs::<Value, Value>() {
                match pair.map_err(Error::callback)?.0 {
                    Value::Integer(dim) if dim >= FIRST => last = last.max(dim),
                    other => return Err(mismatch(OP, "a table", "a list, one entry for each dim", &other)),
                }
            }
            if last as usize > t.rank() {
                let want = format!("wants at most {} dims to be indexed", t.rank());
                return Err(Error::Shape { op: OP.into(), want, got: t.shape().to_vec() });
            }
            let (mut found, mut dim) = (Vec::new(), 0);
            for place in FIRST..=last {
                let key = table.raw_get::<Value>(place).map_err(Error::callback)?;
                found.push(pick(lua, t, dim, &key)?);
                dim += if let Some(Pick::Mask(mask)) = found.last() { mask.rank().max(1) } else { 1 };
            }
            Ok(found)
        }
        other => Err(mismatch(OP, "a key", "a position, a table, a mask or an int tensor", other)),
    }
}

fn pick(lua: &Lua, t: &Tensor, dim: usize, key: &Value) -> Result<Pick> {
    let size = t.shape().get(dim).copied().unwrap_or(0);
    match key {
        Value::Nil => Ok(Pick::All),
        Value::Integer(_) | Value::Number(_) => {
            let position = i64::from_value(key.clone(), lua, OP, "a position")?;
            if t.rank() == 0 {
                return Err(Error::Shape { op: OP.into(), want: "wants a dim to index".into(), got: Vec::new() });
            }
            Ok(Pick::At(resolve(OP, "position", position, size)?))
        }
        Value::Table(range) => range_of(lua, range, dim, size),
        Value::UserData(data) => match objects::borrow::<Tensor>(data) {
            Ok(mask) if mask.kind() == Kind::Bool => Ok(Pick::Mask(mask.clone())),
            Ok(positions) => Ok(Pick::List(position::from_lua(OP, &positions)?)),
            Err(_) => Err(mismatch(OP, "a position", "a number, a range, a mask or an int tensor", key)),
        },
        other => Err(mismatch(OP, "a position", "a number, a range, a mask or an int tensor", other)),
    }
}

/// `{ first, last, step }` of a dim: the first by default, the last by default, 1 by default. Where the last is the one
/// before the first it takes nothing.
fn range_of(lua: &Lua, range: &Table, dim: usize, size: usize) -> Result<Pick> {
    let name = format!("the range of dim {}", number(dim));
    let mut given = [None; 3];
    for pair in range.pairs::<Value, Value>() {
        let (key, value) = pair.map_err(Error::callback)?;
        match key {
            Value::Integer(place @ 1..=3) => {
                given[from_number(place as u64) as usize] = Some(i64::from_value(value, lua, OP, &name)?)
            }
            other => return Err(mismatch(OP, &name, "{ first, last, step }", &other)),
        }
    }
    let [first, last, step] = given;
    let step = step.unwrap_or(1);
    if step < 1 {
        return Err(Error::argument(OP, "the step of a range", "at least 1 (t:flip(dim) goes backwards)", step));
    }
    let limit = size as i64;
    // From the end, as a number of its own: −1 is the last one.
    let placed = |at: i64| if at < 0 { limit + at + FIRST } else { at };
    let (from, to) = (placed(first.unwrap_or(FIRST)), placed(last.unwrap_or(limit)));
    let wrong = || {
        let [first, last] = [first.unwrap_or(FIRST), last.unwrap_or(limit)];
        Error::argument(OP, name.clone(), format!("inside 1 to {size}"), format!("{first} to {last}"))
    };
    if from < FIRST || to > limit || to < from - FIRST || given[0] == Some(0) || (given[1] == Some(0) && from != FIRST)
    {
        return Err(wrong());
    }
    Ok(Pick::Range { from: (from - FIRST) as usize, to: to as usize, step: step as usize })
}

fn write(lua: Interpreter, object: Value, key: Value, value: Value) -> Result<()> {
    let lua = lua.0;
    if let Value::String(name) = &key {
        let reason = format!("a tensor has no '{}' to be set; t[i] = v writes elements", name.to_string_lossy());
        return Err(Error::State { op: "assignment", reason });
    }
    let Value::UserData(object) = object else { return Err(mismatch("assignment", "self", "a tensor", &object)) };
    let own = objects::borrow::<Tensor>(&object).map_err(Error::callback)?.clone();
    let picks = picks(&lua, &own, &key)?;
    let value = written(&lua, &own, value)?;
    // The session's handle goes meanwhile, so that what nobody else holds is written in its place.
    let component = session::tensor_component(&lua, &object)?;
    drop(own);
    let mut own = objects::take::<Tensor>(&object, &value).map_err(Error::callback)?;
    if let Some(component) = &component {
        component.put(value.clone());
    }
    let done = own.assign(&picks, &value);
    if let Some(component) = &component {
        component.put(own.clone());
    }
    objects::put(&object, own).map_err(Error::callback)?;
    done
}

/// A value as a tensor to be written.
fn written(lua: &Lua, beside: &Tensor, value: Value) -> Result<Tensor> {
    let device = beside.device();
    match value {
        Value::Boolean(truth) => Tensor::full(f64::from(u8::from(truth)), &[], Kind::Bool, device),
        Value::Integer(whole) => match beside.kind() {
            Kind::Float => Tensor::full(whole as f64, &[], beside.dtype(), device),
            _ => Tensor::from_longs(vec![whole], &[], beside.dtype().of_ints(), device),
        },
        Value::Number(float) if beside.kind() == Kind::Float => Tensor::full(float, &[], beside.dtype(), device),
        Value::Number(float) => Tensor::scalar(float, device),
        other => Tensor::from_value(other, lua, "assignment", "the value"),
    }
}
