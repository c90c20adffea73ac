//! What the forward function of a script's operation has saved. Its tensors are kept as those of any other operation, so
//! that they count, can be forgotten, and are freed with the tape; the table for the backward function is made anew.

use std::{collections::HashMap, ffi::c_void, ptr};

use mlua::{LightUserData, Lua, Table, Value};

use crate::{
    Error, Result, Tensor,
    lua::order::{self, objects},
    tape::{Kept, Recording, Step},
    tensor::Kind,
};

/// What is saved, and how it is told from what it is made of.
pub(super) struct Saved {
    /// A copy of the saved table, with a mark in each place of a tensor.
    table: Table,
    tensors: Vec<Kept<Tensor>>,
    /// The first of those that the forward function has computed and not returned, by name. They are on no tape.
    unrecorded: Option<String>,
}

/// What saved tensors are looked up in.
pub(super) struct Origin<'a> {
    pub outputs: &'a [Tensor],
    /// The number of the first tensor that the forward function can have made.
    pub began: u64,
    pub tape: &'a Recording<Tensor>,
}

/// Tables that have been copied, by their addresses.
type Copies = HashMap<*const c_void, Table>;

impl Saved {
    pub(super) fn of(lua: &Lua, saved: &Table, origin: &Origin<'_>) -> mlua::Result<Self> {
        let mut it = Self { table: lua.create_table()?, tensors: Vec::new(), unrecorded: None };
        it.table = it.read(lua, saved, "saved", origin, &mut Copies::new())?;
        Ok(it)
    }

    /// The first tensor that has no place on the tape.
    pub(super) fn unrecorded(&self) -> Option<&str> {
        self.unrecorded.as_deref()
    }

    fn read(
        &mut self,
        lua: &Lua,
        table: &Table,
        path: &str,
        origin: &Origin<'_>,
        copies: &mut Copies,
    ) -> mlua::Result<Table> {
        let copy = begin_copy(lua, table, copies)?;
        for (key, value) in order::entries(table)? {
            let inner = || match &key {
                Value::String(name) => format!("{path}.{}", name.to_string_lossy()),
                key => format!("{path}[{}]", key.to_string().unwrap_or_default()),
            };
            let value = match (&value, tensor_in(&value)) {
                (_, Some(tensor)) => self.keep(&tensor, inner, origin),
                (Value::Table(table), _) => match copies.get(&table.to_pointer()) {
                    Some(copy) => Value::Table(copy.clone()),
                    None => Value::Table(self.read(lua, table, &inner(), origin, copies)?),
                },
                _ => value,
            };
            copy.raw_set(key, value)?;
        }
        Ok(copy)
    }

    /// Keeps a tensor. Gives the mark for its place.
    fn keep(&mut self, tensor: &Tensor, path: impl FnOnce() -> String, origin: &Origin<'_>) -> Value {
        let output = origin.outputs.iter().position(|output| output.is_same(tensor));
        let kept = match output {
            // What is on the tape is an input, also where it was returned as it is.
            Some(output) if !tensor.is_tracked() && tensor.kind() == Kind::Float => {
                origin.tape.keep_output(tensor, output as u32)
            }
            _ => origin.tape.keep(tensor),
        };
        let is_computed = tensor.kind() == Kind::Float && !tensor.is_tracked() && tensor.number() >= origin.began;
        if output.is_none() && is_computed && self.unrecorded.is_none() {
            self.unrecorded = Some(path());
        }
        let mark = ptr::without_provenance_mut(self.tensors.len());
        self.tensors.push(kept);
        Value::LightUserData(LightUserData(mark))
    }

    /// The table for one call of the backward function, with tensors on the tape or as constants.
    pub(super) fn table(&self, lua: &Lua, step: &Step<'_, Tensor>, on_tape: bool) -> Result<Table> {
        let placed = |tensor: Tensor| if on_tape { tensor } else { tensor.detach() };
        let tensors = self.tensors.iter().map(|tensor| tensor.get(step).map(placed));
        let tensors = tensors.collect::<Result<Vec<_>>>()?;
        write(lua, &self.table, &tensors, &mut Copies::new()).map_err(Error::callback)
    }
}

fn write(lua: &Lua, table: &Table, tensors: &[Tensor], copies: &mut Copies) -> mlua::Result<Table> {
    let copy = begin_copy(lua, table, copies)?;
    for (key, value) in order::entries(table)? {
        let value = match &value {
            Value::LightUserData(mark) => match tensors.get(mark.0.addr()) {
                Some(tensor) => Value::UserData(objects::create(lua, tensor.clone())?),
                None => value,
            },
            Value::Table(table) => match copies.get(&table.to_pointer()) {
                Some(copy) => Value::Table(copy.clone()),
                None => Value::Table(write(lua, table, tensors, copies)?),
            },
            _ => value,
        };
        copy.raw_set(key, value)?;
    }
    Ok(copy)
}

fn begin_copy(lua: &Lua, table: &Table, copies: &mut Copies) -> mlua::Result<Table> {
    let copy = lua.create_table()?;
    copy.set_metatable(table.metatable())?;
    copies.insert(table.to_pointer(), copy.clone());
    Ok(copy)
}

/// The tensor in a value.
pub(super) fn tensor_in(value: &Value) -> Option<Tensor> {
    objects::borrow::<Tensor>(value.as_userdata()?).ok().map(|tensor| tensor.clone())
}
