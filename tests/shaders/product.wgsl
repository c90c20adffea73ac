// product[r, c] = Σ_k left[r, k] · right[k, c] for left [rows, inner] and right [inner, columns]; a thread per element.

struct Options {
    rows: u32,
    inner: u32,
    columns: u32,
}

@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> product: array<f32>;
@group(0) @binding(3) var<uniform> options: Options;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= options.columns || id.y >= options.rows {
        return;
    }
    var sum = 0.0;
    for (var k = 0u; k < options.inner; k++) {
        sum += left[id.y * options.inner + k] * right[k * options.columns + id.x];
    }
    product[id.y * options.columns + id.x] = sum;
}
