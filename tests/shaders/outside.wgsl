// Writes and reads a long way beyond its arrays, before and after: y[i] = x[i] for what lies inside.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    let far = x[i + 1000000u] * 0.0;
    if i < arrayLength(&x) {
        y[i] = x[i] + far * 0.0;
    }
    if i >= arrayLength(&y) {
        y[i * 4096u] = 99.0;
    }
}
