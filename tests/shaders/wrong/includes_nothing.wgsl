// There is no such file.
// include: nowhere.wgsl
@group(0) @binding(0) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main() {
    y[0] = 1.0;
}
