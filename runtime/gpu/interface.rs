//! What a kernel binds and how large its workgroups are, found out from its text by naga. Nothing of it is retyped.

use std::ops::Range;

use naga::{
    AddressSpace, Module, ShaderStage, StorageAccess, TypeInner,
    valid::{Capabilities, ModuleInfo, ValidationFlags, Validator},
};

use super::{
    Access, Element, Number, Source,
    constants::{self, Constant},
    element::{element, number},
    extent,
};
use crate::{Error, Result, message};

/// What a kernel takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// Threads of a workgroup in x, y and z.
    pub workgroup: [u32; 3],
    /// The storage buffers in the order of their numbers.
    pub bindings: Vec<Binding>,
    /// The uniform, if there is one.
    pub uniform: Option<Uniform>,
    /// Whether `main` is told the number of workgroups, and so can count threads over more than one dim.
    pub knows_groups: bool,
    /// Bytes of workgroup memory.
    pub shared_bytes: u32,
    /// Whether it computes with f16, which not every device does.
    pub has_float16: bool,
    /// The names of its overrides.
    pub overrides: Vec<String>,
    /// The values of its overrides that are not their defaults.
    pub(super) constants: Vec<Constant>,
    /// Where the text declares buffers that are only read.
    pub(super) read_only: Vec<Range<usize>>,
}

/// One storage buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its variable's name.
    pub name: String,
    pub(super) number: u32,
    /// Whether the kernel may write to it.
    pub access: Access,
    /// What it is an array of.
    pub element: Element,
}

/// A `var<uniform>` of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uniform {
    pub(super) number: u32,
    pub(super) bytes: usize,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

/// A number in the uniform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// Its type.
    pub number: Number,
    pub(super) offset: usize,
}

impl Interface {
    /// Reads and checks the kernel, with these values of its overrides by their names.
    ///
    /// # Errors
    /// Text that is no valid WGSL, with file, line and column; no entry point `main`; a binding that `main` does not
    /// use, that is in a group other than 0, or of a type that no tensor has; an override that is not there, has no
    /// value, or one that does not fit.
    pub fn of(source: &Source, constants: &[(&str, f64)]) -> Result<Self> {
        extent::check(source)?;
        let module = naga::front::wgsl::parse_str(source.text()).map_err(|error| {
            let offset = error.location(source.text()).map_or(0, |place| place.offset as usize);
            source.error_at(offset, error.message().to_owned())
        })?;
        let info = Validator::new(ValidationFlags::all(), Capabilities::all()).validate(&module).map_err(|error| {
            let spans = error.spans().map(|(span, _)| *span);
            let place = spans.filter_map(|span| span.to_range()).min_by_key(|range| range.len());
            source.error_at(place.map_or(0, |range| range.start), message::causes(error.as_inner()))
        })?;
        let refuse = |reason: String| Error::Kernel { kernel: message::path(source.path()), reason };
        let found = module.entry_points.iter().position(|entry| entry.name == "main");
        let index = found.filter(|index| module.entry_points[*index].stage == ShaderStage::Compute);
        let index = index.ok_or_else(|| refuse("has no entry point `@compute … fn main`".into()))?;
        let constants = constants::known(source, &module, constants)?;
        let (workgroup, shared_bytes) = sizes(source, &module, &info, &constants)?;
        let arguments = &module.entry_points[index].function.arguments;
        let is_count = |binding: &naga::Binding| *binding == naga::Binding::BuiltIn(naga::BuiltIn::NumWorkGroups);
        let knows_groups = arguments.iter().filter_map(|argument| argument.binding.as_ref()).any(is_count);
        let used = info.get_entry_point(index);
        let (mut bindings, mut uniform, mut read_only) = (Vec::new(), None, Vec::new());
        for (handle, variable) in module.global_variables.iter() {
            let Some(place) = &variable.binding else { continue };
            let name = variable.name.clone().unwrap_or_default();
            if place.group != 0 {
                return Err(refuse(format!("binding '{name}' is in group {}; use @group(0)", place.group)));
            }
            if used[handle].is_empty() {
                return Err(refuse(format!("binding '{name}' is not used by main; remove it")));
            }
            let access = match variable.space {
                AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => Access::Write,
                AddressSpace::Storage { .. } => Access::Read,
                AddressSpace::Uniform if uniform.is_none() => {
                    let (bytes, fields) =
                        fields(&module, variable.ty).map_err(|reason| refuse(format!("binding '{name}' {reason}")))?;
                    uniform = Some(Uniform { number: place.binding, bytes, fields });
                    continue;
                }
                AddressSpace::Uniform => {
                    return Err(refuse(format!("binding '{name}' is a second uniform; put all scalars into one")));
                }
                _ => return Err(refuse(format!("binding '{name}' is neither a storage buffer nor a uniform"))),
            };
            let element = element(&module, variable.ty).ok_or_else(|| {
                refuse(format!(
                    "binding '{name}' must be an array of f32, f16, i32 or u32, or of vectors of 2 or 4 of them, \
                     without a size"
                ))
            })?;
            if access == Access::Read {
                read_only.extend(module.global_variables.get_span(handle).to_range());
            }
            bindings.push(Binding { name, number: place.binding, access, element });
        }
        let fields = uniform.iter().flat_map(|uniform: &Uniform| &uniform.fields);
        if let Some(field) = fields.into_iter().find(|field| bindings.iter().any(|binding| binding.name == field.name))
        {
            return Err(refuse(format!("binding '{}' has the name of a field of the uniform; rename one", field.name)));
        }
        bindings.sort_by_key(|binding| binding.number);
        if !bindings.iter().any(|binding| binding.access == Access::Write) {
            return Err(refuse("writes to no binding; declare an output as var<storage, read_write>".into()));
        }
        let overrides = module.overrides.iter().filter_map(|(_, constant)| constant.name.clone()).collect();
        let has_float16 = module.types.iter().any(|(_, kind)| is_float16(&kind.inner));
        Ok(Self {
            workgroup,
            knows_groups,
            bindings,
            uniform,
            shared_bytes,
            has_float16,
            overrides,
            constants,
            read_only,
        })
    }

    /// Threads of a workgroup.
    pub fn threads(&self) -> u32 {
        self.workgroup.iter().product()
    }
}

/// The sides of a workgroup and the bytes of its memory, by the values of the overrides.
fn sizes(source: &Source, module: &Module, info: &ModuleInfo, constants: &[Constant]) -> Result<([u32; 3], u32)> {
    let (module, info) = constants::resolved(source, module, info, constants)?;
    let is_main = |entry: &naga::EntryPoint| entry.name == "main";
    let index = module.entry_points.iter().position(is_main).expect("the entry point was found before");
    let used = info.get_entry_point(index);
    let of_workgroup = module
        .global_variables
        .iter()
        .filter(|(handle, variable)| variable.space == AddressSpace::WorkGroup && !used[*handle].is_empty());
    let bytes = of_workgroup.map(|(_, variable)| module.types[variable.ty].inner.size(module.to_ctx()));
    Ok((module.entry_points[index].workgroup_size, bytes.fold(0, u32::saturating_add)))
}

fn is_float16(kind: &TypeInner) -> bool {
    kind.scalar().is_some_and(|scalar| number(scalar) == Some(Number::Half))
}

fn fields(module: &naga::Module, ty: naga::Handle<naga::Type>) -> Result<(usize, Vec<Field>), String> {
    let TypeInner::Struct { members, span } = &module.types[ty].inner else {
        return Err("must be a struct, so that its scalars have names".into());
    };
    let field = |member: &naga::StructMember| {
        let name = member.name.clone().unwrap_or_default();
        match module.types[member.ty].inner {
            TypeInner::Scalar(scalar) if number(scalar).is_some() => {
                Ok(Field { name, number: number(scalar).expect("just checked"), offset: member.offset as usize })
            }
            _ => Err(format!("has a field '{name}' that is no f32, f16, i32 or u32")),
        }
    };
    Ok((*span as usize, members.iter().map(field).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Interface> {
        Interface::of(&Source::built_in("k.wgsl", text), &[])
    }

    fn refused(text: &str) -> String {
        of(text).unwrap_err().to_string()
    }

    const SCALE: &str = "
struct Options { count: u32, factor: f32 }
@group(0) @binding(2) var<uniform> options: Options;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= options.count { return; }
    y[id.x] = options.factor * x[id.x];
}
";

    #[test]
    fn bindings_fields_and_workgroup_come_from_the_text() {
        let interface = of(SCALE).unwrap();
        assert_eq!(interface.workgroup, [64, 1, 1]);
        let bindings: Vec<_> =
            interface.bindings.iter().map(|binding| (binding.name.as_str(), binding.access)).collect();
        assert_eq!(bindings, [("x", Access::Read), ("y", Access::Write)]);
        let fields = interface.uniform.unwrap().fields;
        let fields: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.number, field.offset)).collect();
        assert_eq!(fields, [("count", Number::Unsigned, 0), ("factor", Number::Float, 4)]);
    }

    #[test]
    fn halves_are_read_off_with_their_sizes_in_arrays_vectors_and_the_uniform() {
        let text = "enable f16;
struct Options { count: u32, factor: f16, shift: f16 }
@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f16>>;
@group(0) @binding(2) var<uniform> options: Options;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= options.count { return; }
    y[id.x] = vec4(options.factor * x[id.x] + options.shift);
}";
        let interface = of(text).unwrap();
        let elements: Vec<_> = interface.bindings.iter().map(|binding| binding.element).collect();
        let half = |lanes| Element { number: Number::Half, lanes };
        assert_eq!(elements, [half(1), half(4)]);
        assert_eq!((elements[1].name().as_str(), elements[1].bytes()), ("vec4<f16>", 8));
        let fields: Vec<_> = interface.uniform.unwrap().fields.iter().map(|field| field.offset).collect();
        assert_eq!(fields, [0, 4, 6]);
        assert!(interface.has_float16 && !of(SCALE).unwrap().has_float16);
        let disabled = refused(&text.replace("enable f16;", ""));
        assert!(disabled.contains("f16"), "{disabled}");
    }

    #[test]
    fn invalid_wgsl_is_an_error_with_its_place() {
        let parse = refused(&SCALE.replace("return;", "retrun;"));
        assert!(parse.starts_with("k.wgsl:8:38: "), "{parse}");
        let types = refused(&SCALE.replace("options.factor * ", "id.x * "));
        assert!(types.starts_with("k.wgsl:9:"), "{types}");
        let name = refused(&SCALE.replace("* x[", "* z["));
        assert_eq!(name, "k.wgsl:9:32: no definition in scope for identifier: `z`");
    }

    #[test]
    fn what_no_tensor_can_be_bound_to_is_an_error_that_names_the_binding() {
        let unused = refused(&SCALE.replace("options.factor * x[id.x]", "options.factor"));
        assert_eq!(unused, "k.wgsl: binding 'x' is not used by main; remove it");
        let group = refused(&SCALE.replace("@group(0) @binding(1)", "@group(1) @binding(1)"));
        assert_eq!(group, "k.wgsl: binding 'y' is in group 1; use @group(0)");
        let kind = refused(
            &SCALE.replace("read> x: array<f32>", "read> x: array<mat2x2f>").replace("x[id.x]", "x[id.x][0][0]"),
        );
        assert!(kind.starts_with("k.wgsl: binding 'x' must be an array of f32"), "{kind}");
        let entry = refused(&SCALE.replace("fn main", "fn start"));
        assert_eq!(entry, "k.wgsl: has no entry point `@compute … fn main`");
    }
}
