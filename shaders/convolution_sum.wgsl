// weight[g, o, c, t] = Σ over shares s, in order, of parts[s, g, t, c, o]: the gradient by the weight. parts [shares, groups, taps,
// channels, pitch], of which the first `outputs` of a row count; weight [groups, outputs, channels, taps].

struct Options {
    groups: u32,
    channels: u32,
    outputs: u32,
    taps: u32,
    pitch: u32,
    shares: u32,
}

@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<uniform> options: Options;

const BLOCK = 16u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * 64u + id.x;
    let rows = options.groups * options.taps * options.channels;
    if index >= rows * options.outputs {
        return;
    }
    // Threads that lie side by side read what does.
    let output = index % options.outputs;
    let row = index / options.outputs;
    var sum = 0.0;
    // A sum of sums of few: an error grows with the number of terms that are added one after another.
    for (var first = 0u; first < options.shares; first += BLOCK) {
        var part = 0.0;
        for (var share = first; share < min(first + BLOCK, options.shares); share++) {
            part += parts[(share * rows + row) * options.pitch + output];
        }
        sum += part;
    }
    let channel = row % options.channels;
    let tap = row / options.channels % options.taps;
    let number = row / options.channels / options.taps;
    weight[((number * options.outputs + output) * options.channels + channel) * options.taps + tap] = sum;
}
