//! The metamethod `__index` of a class: a method, what a field holds, or what the class finds for any other key.

use std::{os::raw::c_int, ptr};

use mlua::{Function, Lua, MultiValue, Table, ffi};

use crate::{Error, lua::raised::raise};

/// What the names of a class stand for, by name.
pub struct Names {
    pub methods: Table,
    /// Functions that give the value of a field of an object.
    pub fields: Table,
    /// Functions that give the sizes that a field of an object lists, one by one.
    pub sizes: Table,
    /// The metatable of such a list, for which it is a list as any other, but that says what is written where it is
    /// called.
    of_sizes: Table,
}

impl Names {
    /// No names yet. `sizes` is that of the field that lists sizes, if there is one.
    ///
    /// # Errors
    /// Lua has no memory.
    pub fn new(lua: &Lua, sizes: Option<&'static str>) -> mlua::Result<Self> {
        let (methods, fields, of_sizes) = (lua.create_table()?, lua.create_table()?, lua.create_table()?);
        if let Some(name) = sizes {
            let called = lua.create_function(move |lua, _: MultiValue| -> mlua::Result<()> {
                let reason = format!("it is a list, written without parentheses: t.{name}; its first is t.{name}[1]");
                Err(raise(lua, Error::State { op: name, reason }))
            })?;
            of_sizes.raw_set("__call", called)?;
        }
        Ok(Self { methods, fields, sizes: lua.create_table()?, of_sizes })
    }

    /// The metamethod. For a key that is none of the names it calls `other`.
    ///
    /// # Errors
    /// Lua has no memory.
    pub fn index(self, lua: &Lua, other: Function) -> mlua::Result<Function> {
        let Self { methods, fields, sizes, of_sizes } = self;
        // mlua's own is a function in Lua, into which the hook that counts instructions looks at each of them: it takes
        // 60 of the 100 ns that a call of an empty method costs.
        let values = (methods, fields, sizes, other, of_sizes);
        // SAFETY: a closure takes its five values off the stack and leaves itself.
        unsafe { lua.exec_raw(values, |state| ffi::lua_pushcclosure(state, find, 5)) }
    }
}

/// Takes an object and a key.
unsafe extern "C-unwind" fn find(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: Lua calls this with an object and a key, the closure has five values, and a function of C has room for
    // 20. Nothing here is to be dropped where an error goes through it.
    unsafe {
        ffi::lua_settop(state, 2);
        if named(state, 1) {
            return 1;
        }
        if named(state, 2) {
            ffi::lua_pushvalue(state, 1);
            ffi::lua_call(state, 1, 1);
            return 1;
        }
        if named(state, 3) {
            ffi::lua_pushvalue(state, 1);
            ffi::lua_call(state, 1, ffi::LUA_MULTRET);
            list(state);
            return 1;
        }
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(4));
        ffi::lua_pushvalue(state, 1);
        ffi::lua_pushvalue(state, 2);
        ffi::lua_call(state, 2, 1);
    }
    1
}

/// Whether a table of the closure has the key. What it stands for is then on the stack.
unsafe fn named(state: *mut ffi::lua_State, table: c_int) -> bool {
    // SAFETY: as of `find`.
    unsafe {
        ffi::lua_settop(state, 2);
        ffi::lua_pushvalue(state, 2);
        ffi::lua_rawget(state, ffi::lua_upvalueindex(table)) != ffi::LUA_TNIL
    }
}

/// Makes a list of the values above the object and the key, in their place.
unsafe fn list(state: *mut ffi::lua_State) {
    const FIRST: c_int = 3;
    // SAFETY: there is room for a table, or its metatable, besides the values, each of which goes off the stack.
    unsafe {
        let count = ffi::lua_gettop(state) - 2;
        ffi::luaL_checkstack(state, 1, ptr::null());
        ffi::lua_createtable(state, count, 0);
        ffi::lua_insert(state, FIRST);
        for place in (1..=count).rev() {
            ffi::lua_rawseti(state, FIRST, ffi::lua_Integer::from(place));
        }
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(5));
        ffi::lua_setmetatable(state, FIRST);
    }
}
