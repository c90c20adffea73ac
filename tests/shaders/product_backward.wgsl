// The gradients of product = left · right: grad_left = grad_product · rightᵀ, grad_right = leftᵀ · grad_product. A thread
// per element of either.

struct Options {
    rows: u32,
    inner: u32,
    columns: u32,
}

@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read> grad_product: array<f32>;
@group(0) @binding(3) var<storage, read_write> grad_left: array<f32>;
@group(0) @binding(4) var<storage, read_write> grad_right: array<f32>;
@group(0) @binding(5) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i < options.rows * options.inner {
        let row = i / options.inner;
        let k = i % options.inner;
        var sum = 0.0;
        for (var c = 0u; c < options.columns; c++) {
            sum += grad_product[row * options.columns + c] * right[k * options.columns + c];
        }
        grad_left[i] = sum;
    }
    if i < options.inner * options.columns {
        let k = i / options.columns;
        let c = i % options.columns;
        var sum = 0.0;
        for (var row = 0u; row < options.rows; row++) {
            sum += left[row * options.inner + k] * grad_product[row * options.columns + c];
        }
        grad_right[i] = sum;
    }
}
