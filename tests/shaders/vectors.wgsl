// y = 2 · x, four numbers by a thread.

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&x) {
        return;
    }
    y[id.x] = 2.0 * x[id.x];
}
