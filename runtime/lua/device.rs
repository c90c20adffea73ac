//! What a script may know of the machine's devices.

use mlua::{Lua, Table};

use super::{
    api::{Api, Interpreter, of_kind},
    context::Context,
};
use crate::{Device, Error, device::Adapter};

of_kind!(
    /// The device of a session.
    Current,
    "{ name: string, gpu: boolean, float16: boolean, vendor?: string, type?: string, api?: string, driver?: string, \
     memory?: integer, software?: boolean }"
);
of_kind!(
    /// The machine's adapters.
    Listed,
    "{ device: string, name: string, vendor: string, type: string, api: string, driver: string, memory?: integer, \
     float16: boolean, software: boolean }[]"
);

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "device",
        "",
        "The device that tensors live on: its name, whether it is a gpu, whether kernels may use float16; on a GPU \
         also vendor, type, api, driver, memory (bytes, if it is known) and whether it is software.",
        |lua: Interpreter, cx: Context| current(&lua.0, &cx.device).map_err(Error::callback),
    )
    .example(
        r"local device = mb.device()
print(device.name, device.gpu) --> cpu false",
    );
    api.function(
        "devices",
        "",
        "Every adapter of this machine as `moonburn devices` lists them: device (\"gpu:0\" and so on), name, vendor, \
         type, api, driver, memory (bytes, if it is known), float16, software. A machine without any has the CPU only.",
        |lua: Interpreter| list(&lua.0).map_err(Error::callback),
    )
    .example(
        r"local real = 0
for _, adapter in ipairs(mb.devices()) do
  if not adapter.software then real = real + 1 end
end
print(real <= #mb.devices()) --> true",
    );
}

fn current(lua: &Lua, device: &Device) -> mlua::Result<Current> {
    let table = match device.adapter() {
        Some(adapter) => described(lua, adapter)?,
        None => lua.create_table()?,
    };
    table.raw_set("name", device.name())?;
    table.raw_set("gpu", device.is_gpu())?;
    table.raw_set("float16", device.float16())?;
    Ok(table.into())
}

fn list(lua: &Lua) -> mlua::Result<Listed> {
    let list = lua.create_table()?;
    for (number, adapter) in Device::adapters().iter().enumerate() {
        let table = described(lua, adapter)?;
        table.raw_set("device", format!("gpu:{number}"))?;
        list.raw_push(table)?;
    }
    Ok(list.into())
}

fn described(lua: &Lua, adapter: &Adapter) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.raw_set("name", adapter.name.as_str())?;
    table.raw_set("vendor", adapter.vendor.as_str())?;
    table.raw_set("type", adapter.kind.name())?;
    table.raw_set("api", adapter.api.name())?;
    table.raw_set("driver", format!("{} {}", adapter.driver, adapter.driver_info).trim())?;
    table.raw_set("memory", adapter.memory)?;
    table.raw_set("float16", adapter.float16)?;
    table.raw_set("software", adapter.is_software())?;
    Ok(table)
}
