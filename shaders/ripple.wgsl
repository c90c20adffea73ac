// Images bent by a wave, with a box of grey in each. For images [N, 3, height, width] and draws [N, 5], uniform in 0..1: a
// wave of 1 to 3 periods runs at the angle φ = 2π · draws[0], from the phase 2π · draws[1], with 1 + 2 · draws[2] periods; each
// pixel is taken from where the wave has shifted it across its direction, bilinear, clamped to the edge. The box has its
// centre at draws[3], draws[4] and the side `hole`, as parts of the image's. bent [N, 3, height, width]; a thread per number.

struct Options {
    height: u32,
    width: u32,
    strength: f32, // the largest shift, as a part of the image's side
    hole: f32,
}

@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> draws: array<f32>;
@group(0) @binding(2) var<storage, read_write> bent: array<f32>;
@group(0) @binding(3) var<uniform> options: Options;

const TURN = 6.2831853;

fn pixel(plane: u32, x: f32, y: f32) -> f32 {
    let column = u32(clamp(x, 0.0, f32(options.width - 1u)));
    let row = u32(clamp(y, 0.0, f32(options.height - 1u)));
    return images[(plane * options.height + row) * options.width + column];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = id.y * groups.x * 64u + id.x;
    if i >= arrayLength(&bent) {
        return;
    }
    let column = i % options.width;
    let row = i / options.width % options.height;
    let plane = i / (options.width * options.height);
    let first = plane / 3u * 5u;
    let size = vec2f(f32(options.width), f32(options.height));
    let place = (vec2f(f32(column), f32(row)) + 0.5) / size;
    let middle = vec2f(draws[first + 3u], draws[first + 4u]);
    if all(abs(place - middle) < vec2f(options.hole / 2.0)) {
        bent[i] = 0.5;
        return;
    }
    let direction = vec2f(cos(TURN * draws[first]), sin(TURN * draws[first]));
    let wave = sin(TURN * ((1.0 + 2.0 * draws[first + 2u]) * dot(direction, place) + draws[first + 1u]));
    let from_place = place + options.strength * wave * vec2f(-direction.y, direction.x);
    let at = from_place * size - 0.5;
    let low = floor(at);
    let part = at - low;
    let above = mix(pixel(plane, low.x, low.y), pixel(plane, low.x + 1.0, low.y), part.x);
    let below = mix(pixel(plane, low.x, low.y + 1.0), pixel(plane, low.x + 1.0, low.y + 1.0), part.x);
    bent[i] = mix(above, below, part.y);
}
