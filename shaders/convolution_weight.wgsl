// packed[g, t, k, n] = weight[g, o, c, t], with k the channel c and n the output o, or the other way round for the gradient by
// pixels: the strides say which. weight [groups, outputs, channels, taps]; packed [groups, taps, terms, pitch], zero from the
// column `columns` on.

struct Options {
    groups: u32,
    taps: u32,
    terms: u32,
    columns: u32,
    pitch: u32,
    term_stride: u32,
    column_stride: u32,
}

@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;
@group(0) @binding(2) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * 64u + id.x;
    if index >= options.groups * options.taps * options.terms * options.pitch {
        return;
    }
    let column = index % options.pitch;
    let term = index / options.pitch % options.terms;
    let tap = index / options.pitch / options.terms % options.taps;
    let number = index / options.pitch / options.terms / options.taps;
    var value = 0.0;
    if column < options.columns {
        let first = number * options.terms * options.columns * options.taps;
        value = weight[first + term * options.term_stride + column * options.column_stride + tap];
    }
    packed[index] = value;
}
