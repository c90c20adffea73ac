// Augmented views from the bytes of a data set, in one pass over a batch: a workgroup makes one view from beginning to
// end, by a program of stages that the host has written with every random number drawn (runtime/views/program.rs).
//
// A stage reads every pixel of its output from the image before it (copy, resized crop, turn, one direction of a blur),
// changes it by point operations, and writes it. A stage ends where the next one needs other pixels, or the mean luma
// that a change of contrast is about. Formulas are those of runtime/augment/, which are torchvision's.
//
// source: bytes [images, height, width, 3] in words of four, or floats [images, 3, height, width] as words.
// program: four words for each view (image, place of its first stage, number of stages, quarter turns of the source), then
// stages and the weights of blurs. output: [views of this pass, 3, height, width]; scratch: two images for each of them.
//
// Every barrier is reached by all threads of a workgroup the same number of times, by what the uniform says alone.

struct Options {
    first_view: u32,       // of this pass
    view_count: u32,       // of this pass
    stages: u32,           // of the longest program
    mean_stages: u32,      // bit by bit, whether some view wants the mean after a stage
    first_image: u32,      // that `source` holds
    image_count: u32,      // that `source` holds
    height: u32,           // of the source's images
    width: u32,
    floats: u32,           // whether the source is floats
    output_area: u32,
    scratch_area: u32,
}

@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read> program: array<u32>;
@group(0) @binding(2) var<storage, read_write> scratch: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<uniform> options: Options;

const THREADS = 256u;
const STAGE_WORDS = 16u;

const COPY = 0u;
const CROP = 1u;
const TURN = 2u;
const BLUR_ROWS = 3u;
const BLUR_COLUMNS = 4u;

const BRIGHTNESS = 1u;
const CONTRAST = 2u;
const SATURATION = 3u;
const HUE = 4u;
const GRAYSCALE = 5u;
const SOLARIZE = 6u;

const MIRRORED = 1u;
const WANTS_MEAN = 2u;

const LUMA = vec3f(0.2989, 0.587, 0.114);

// What the running stage reads.
struct Given {
    stage: u32,     // its place in the program
    view: u32,      // of this pass
    image: u32,     // in `source`
    turn: u32,      // of the source
    slot: u32,      // 0 is the source, 1 and 2 are scratch
    height: u32,
    width: u32,
}

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
    let view = group.y * groups.x + group.x;
    let row = 4u * (options.first_view + min(view, options.view_count - 1u));
    let image = program[row];
    let is_here = view < options.view_count && image >= options.first_image && image - options.first_image < options.image_count;
    let stages = select(0u, program[row + 2u], is_here);
    var given = Given(program[row + 1u], view, image - options.first_image, program[row + 3u], 0u, 0u, 0u);
    var mean = 0.0;
    for (var number = 0u; number < options.stages; number++) {
        var sum = 0.0;
        var area = 1u;
        if number < stages {
            let stage = given.stage;
            given.height = program[stage + 1u];
            given.width = program[stage + 2u];
            given.slot = program[stage + 5u];
            let width = program[stage + 4u];
            area = program[stage + 3u] * width;
            let is_mirrored = (program[stage + 7u] & MIRRORED) != 0u;
            let points = program[stage + 15u];
            for (var i = thread; i < area; i += THREADS) {
                let x = i % width;
                var pixel = load(given, i / width, select(x, width - 1u - x, is_mirrored));
                for (var point = 0u; point < points; point++) {
                    let place = stage + STAGE_WORDS + 2u * point;
                    pixel = changed(pixel, program[place], bitcast<f32>(program[place + 1u]), mean);
                }
                store(program[stage + 6u], view, area, i, pixel);
                sum += dot(pixel, LUMA);
            }
            given.stage = stage + STAGE_WORDS + 2u * points;
        }
        if number >= 32u || (options.mean_stages >> number & 1u) != 0u {
            mean = total(sum, thread) / f32(area);
        }
        storageBarrier();
        workgroupBarrier();
    }
}

// The sum over the workgroup, the same in every thread.
fn total(sum: f32, thread: u32) -> f32 {
    sums[thread] = sum;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if thread < half {
            sums[thread] += sums[thread + half];
        }
        workgroupBarrier();
    }
    let whole = sums[0];
    workgroupBarrier();
    return whole;
}

fn store(target_slot: u32, view: u32, area: u32, i: u32, pixel: vec3f) {
    if target_slot == 0u {
        let start = 3u * options.output_area * view + i;
        output[start] = pixel.r;
        output[start + area] = pixel.g;
        output[start + 2u * area] = pixel.b;
    } else {
        let start = scratch_start(view, target_slot) + i;
        scratch[start] = pixel.r;
        scratch[start + area] = pixel.g;
        scratch[start + 2u * area] = pixel.b;
    }
}

fn scratch_start(view: u32, slot: u32) -> u32 {
    return (2u * view + slot - 1u) * 3u * options.scratch_area;
}

// A pixel of the image that the stage reads.
fn fetch(given: Given, y: u32, x: u32) -> vec3f {
    if given.slot == 0u {
        return fetch_source(given.image, given.turn, y, x);
    }
    let area = given.height * given.width;
    let start = scratch_start(given.view, given.slot) + y * given.width + x;
    return vec3f(scratch[start], scratch[start + area], scratch[start + 2u * area]);
}

fn fetch_source(image: u32, turn: u32, turned_y: u32, turned_x: u32) -> vec3f {
    let place = unturned(turn, turned_y, turned_x, options.height, options.width);
    let area = options.height * options.width;
    let position = place.x * options.width + place.y;
    if options.floats != 0u {
        let start = image * 3u * area + position;
        return vec3f(bitcast<f32>(source[start]), bitcast<f32>(source[start + area]), bitcast<f32>(source[start + 2u * area]));
    }
    let first = 3u * (image * area + position);
    return vec3f(byte(first), byte(first + 1u), byte(first + 2u)) / 255.0;
}

fn byte(place: u32) -> f32 {
    return f32((source[place / 4u] >> (8u * (place % 4u))) & 255u);
}

// Row and column before so many quarter turns counter-clockwise of a height x width image.
fn unturned(quarters: u32, y: u32, x: u32, height: u32, width: u32) -> vec2u {
    switch quarters {
        case 1u: { return vec2u(x, width - 1u - y); }
        case 2u: { return vec2u(height - 1u - y, width - 1u - x); }
        case 3u: { return vec2u(height - 1u - x, y); }
        default: { return vec2u(y, x); }
    }
}

fn load(given: Given, y: u32, x: u32) -> vec3f {
    switch program[given.stage] {
        case CROP: { return cropped(given, y, x); }
        case TURN: {
            let place = unturned(program[given.stage + 8u], y, x, given.height, given.width);
            return fetch(given, place.x, place.y);
        }
        case BLUR_ROWS, BLUR_COLUMNS: { return blurred(given, y, x); }
        default: { return fetch(given, y, x); }
    }
}

// Which positions of an axis a resized pixel reads, and with which weights: runtime/augment/interpolation.rs.
struct Axis {
    first: i32,      // the first position, before it is kept inside
    taps: i32,
    length: i32,     // of the source
    centre: f32,
    stretch: f32,
    cubic: f32,      // the cubic's parameter; 0 is linear
}

fn axis(length: u32, scale: f32, i: u32, taps: u32, antialias: bool) -> Axis {
    var result: Axis;
    result.length = i32(length);
    let is_cubic = taps == 4u;
    if antialias {
        result.stretch = max(scale, 1.0);
        result.cubic = select(0.0, -0.5, is_cubic);
        let support = f32(taps) / 2.0 * result.stretch;
        result.taps = min(i32(ceil(support)) * 2 + 1, result.length);
        let centre = scale * (f32(i) + 0.5);
        result.centre = centre - 0.5;
        result.first = min(i32(max(centre - support + 0.5, 0.0)), result.length - result.taps);
    } else {
        result.stretch = 1.0;
        result.cubic = select(0.0, -0.75, is_cubic);
        result.taps = i32(taps);
        result.centre = scale * (f32(i) + 0.5) - 0.5;
        result.first = i32(floor(result.centre)) - (result.taps / 2 - 1);
    }
    return result;
}

fn weight(along: Axis, tap: i32) -> f32 {
    let x = abs(f32(along.first + tap) - along.centre) / along.stretch;
    let a = along.cubic;
    if a == 0.0 {
        return max(1.0 - x, 0.0);
    }
    if x < 1.0 {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    }
    return select(0.0, (((x - 5.0) * x + 8.0) * x - 4.0) * a, x < 2.0);
}

fn position(along: Axis, tap: i32) -> u32 {
    return u32(clamp(along.first + tap, 0, along.length - 1));
}

fn cropped(given: Given, y: u32, x: u32) -> vec3f {
    let stage = given.stage;
    let top = program[stage + 8u];
    let left = program[stage + 9u];
    let taps = program[stage + 14u] & 255u;
    let antialias = (program[stage + 14u] >> 8u) != 0u;
    let rows = axis(program[stage + 10u], bitcast<f32>(program[stage + 12u]), y, taps, antialias);
    let columns = axis(program[stage + 11u], bitcast<f32>(program[stage + 13u]), x, taps, antialias);
    var sum = vec3f(0.0);
    var row_weights = 0.0;
    var column_weights = 0.0;
    for (var i = 0; i < rows.taps; i++) {
        let from_row = top + position(rows, i);
        var row = vec3f(0.0);
        column_weights = 0.0;
        for (var j = 0; j < columns.taps; j++) {
            let column_weight = weight(columns, j);
            column_weights += column_weight;
            row += column_weight * fetch(given, from_row, left + position(columns, j));
        }
        let row_weight = weight(rows, i);
        row_weights += row_weight;
        sum += row_weight * row;
    }
    if antialias {
        sum /= row_weights * column_weights;
    }
    return clamp(sum, vec3f(0.0), vec3f(1.0));
}

fn blurred(given: Given, y: u32, x: u32) -> vec3f {
    let taps = i32(program[given.stage + 8u]);
    let weights = program[given.stage + 9u];
    let along_rows = program[given.stage] == BLUR_ROWS;
    var sum = vec3f(0.0);
    for (var tap = 0; tap < taps; tap++) {
        let offset = tap - taps / 2;
        let blur_weight = bitcast<f32>(program[weights + u32(tap)]);
        if along_rows {
            sum += blur_weight * fetch(given, y, reflected(i32(x) + offset, i32(given.width)));
        } else {
            sum += blur_weight * fetch(given, reflected(i32(y) + offset, i32(given.height)), x);
        }
    }
    if along_rows {
        return sum;
    }
    return clamp(sum, vec3f(0.0), vec3f(1.0));
}

// Reflected at the edges without repeating the edge itself, as often as it takes.
fn reflected(place: i32, length: i32) -> u32 {
    let last = length - 1;
    if last == 0 {
        return 0u;
    }
    let period = 2 * last;
    let folded = ((place % period) + period) % period;
    return u32(min(folded, period - folded));
}

fn changed(pixel: vec3f, kind: u32, amount: f32, mean: f32) -> vec3f {
    let zero = vec3f(0.0);
    let one = vec3f(1.0);
    switch kind {
        case BRIGHTNESS: { return clamp(pixel * amount, zero, one); }
        case CONTRAST: { return clamp(pixel * amount + (1.0 - amount) * mean, zero, one); }
        case SATURATION: { return clamp(pixel * amount + (1.0 - amount) * dot(pixel, LUMA), zero, one); }
        case HUE: { return hue_turned(pixel, amount); }
        case GRAYSCALE: { return vec3f(dot(pixel, LUMA)); }
        case SOLARIZE: { return select(pixel, one - pixel, pixel >= vec3f(amount)); }
        default: { return pixel; }
    }
}

fn hue_turned(pixel: vec3f, turns: f32) -> vec3f {
    let largest = max(max(pixel.r, pixel.g), pixel.b);
    let range = largest - min(min(pixel.r, pixel.g), pixel.b);
    let divisor = select(1.0, range, range > 0.0);
    var offset = 4.0;
    var difference = pixel.r - pixel.g;
    if largest == pixel.r {
        offset = 0.0;
        difference = pixel.g - pixel.b;
    } else if largest == pixel.g {
        offset = 2.0;
        difference = pixel.b - pixel.r;
    }
    var hue = offset + 6.0 * turns + difference / divisor;
    hue = select(hue, hue + 6.0, hue < 0.0);
    let k = hue + vec3f(5.0, 3.0, 1.0);
    let sixths = k - 6.0 * floor(k / 6.0);
    return vec3f(largest) - range * clamp(min(sixths, 4.0 - sixths), vec3f(0.0), vec3f(1.0));
}
