//! The metamethod `__index` of a class: a method, what a field holds, or what the class finds for any other key.

use std::os::raw::c_int;

use mlua::{Function, Lua, Table, ffi};

/// Looks a key up among the methods, then among the functions that read fields. Whatever else is asked for, `other`
/// finds it.
///
/// # Errors
/// Lua has no memory.
pub fn index(lua: &Lua, methods: Table, fields: Table, other: Function) -> mlua::Result<Function> {
    // mlua's own is a function in Lua, into which the hook that counts instructions looks at each of them: it takes 60
    // of the 100 ns that a call of an empty method costs.
    // SAFETY: a closure takes its three values off the stack and leaves itself.
    unsafe { lua.exec_raw((methods, fields, other), |state| ffi::lua_pushcclosure(state, find, 3)) }
}

/// Takes an object and a key.
unsafe extern "C-unwind" fn find(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: Lua calls this with an object and a key, the closure has three values, and a function of C has room for
    // 20. Nothing here is to be dropped where an error goes through it.
    unsafe {
        ffi::lua_settop(state, 2);
        ffi::lua_pushvalue(state, 2);
        if ffi::lua_rawget(state, ffi::lua_upvalueindex(1)) != ffi::LUA_TNIL {
            return 1;
        }
        ffi::lua_pushvalue(state, 2);
        if ffi::lua_rawget(state, ffi::lua_upvalueindex(2)) != ffi::LUA_TNIL {
            ffi::lua_pushvalue(state, 1);
            ffi::lua_call(state, 1, 1);
            return 1;
        }
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(3));
        ffi::lua_pushvalue(state, 1);
        ffi::lua_pushvalue(state, 2);
        ffi::lua_call(state, 2, 1);
    }
    1
}
