// Augmented views from the bytes of a data set, in one pass over a batch: a workgroup makes one view from beginning to
// end, by a program of stages that the host has written with every random number drawn (runtime/views/program.rs).
//
// A stage reads every pixel of its output from the image before it (copy, resized crop, window, turn, map, one direction
// of a blur, sharpening), changes it by point operations, and writes it. A stage ends where the next one needs other
// pixels, or what a change of the next one follows from: the mean luma of an image, the extremes or the histogram of a
// channel. Channels are done three at a time. Formulas are those of runtime/augment/, which are torchvision's.
//
// source: bytes [images, height, width, channels] in words of four, or floats [images, channels, height, width] as words.
// program: four words for each view (image, place of its first stage, number of stages, quarter turns of the source), then
// stages and the numbers they need. output: [views of this pass, channels, height, width]; scratch: two images for each.
//
// Every barrier is reached by all threads of a workgroup the same number of times, by what the uniform says alone.

struct Options {
    first_view: u32,       // of this pass
    view_count: u32,       // of this pass
    stages: u32,           // of the longest program
    mean_stages: u32,      // bit by bit, whether some view wants the mean luma after a stage
    extreme_stages: u32,   // the same for the extremes
    histogram_stages: u32, // the same for the histogram
    first_image: u32,      // that `source` holds
    image_count: u32,      // that `source` holds
    channels: u32,         // of the source's images
    height: u32,
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
const STAGE_WORDS = 20u;
const POINT_WORDS = 3u;

// The words of a stage.
const FROM_HEIGHT = 1u;
const FROM_WIDTH = 2u;
const TO_HEIGHT = 3u;
const TO_WIDTH = 4u;
const READ_SLOT = 5u;
const WRITE_SLOT = 6u;
const FLAGS = 7u;
const ARGUMENTS = 8u;  // nine words
const NUMBERS = 17u;   // the place of the stage's numbers
const POINTS = 18u;    // how many points follow the stage

const COPY = 0u;
const CROP = 1u;
const TURN = 2u;
const BLUR_ROWS = 3u;
const BLUR_COLUMNS = 4u;
const WINDOW = 5u;
const WARP = 6u;
const SHARPEN = 7u;

const BRIGHTNESS = 1u;
const CONTRAST = 2u;
const SATURATION = 3u;
const HUE = 4u;
const GRAYSCALE = 5u;
const SOLARIZE = 6u;
const POSTERIZE = 7u;
const INVERT = 8u;
const AUTOCONTRAST = 9u;
const EQUALIZE = 10u;
const NORMALIZE = 11u;
const NOISE = 12u;
const ERASE = 13u;
const ERASE_NOISE = 14u;

const MIRRORED = 1u;
const MIRRORED_ROWS = 2u;
const WANTS_HISTOGRAM = 4u;
const IN_UNIT = 8u;

const CONSTANT_EDGE = 0u;
const REPLICATED_EDGE = 1u;
const REFLECTED_EDGE = 2u;

const LUMA = vec3f(0.2989, 0.587, 0.114);
const LARGE = 3.0e38;

// What the running stage reads.
struct Given {
    stage: u32,     // its place in the program
    numbers: u32,   // the place of its numbers
    view: u32,      // of this pass
    image: u32,     // in `source`
    turn: u32,      // of the source
    slot: u32,      // 0 is the source, 1 and 2 are scratch
    height: u32,
    width: u32,
}

// What the stage before tells of the whole image.
struct Told {
    mean: f32,
    least: vec3f,
    greatest: vec3f,
}

var<workgroup> sums: array<f32, THREADS>;
var<workgroup> histogram: array<atomic<u32>, 768>;
var<workgroup> levels: array<f32, 768>;

// The channels that are done together. Where there are fewer than three, the last one stands for those that lack.
var<private> channel: vec3u;
var<private> lanes: u32;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
    let view = group.y * groups.x + group.x;
    let row = 4u * (options.first_view + min(view, options.view_count - 1u));
    let image = program[row];
    let is_here = view < options.view_count && image >= options.first_image && image - options.first_image < options.image_count;
    let stages = select(0u, program[row + 2u], is_here);
    for (var first = 0u; first < options.channels; first += 3u) {
        lanes = min(3u, options.channels - first);
        channel = vec3u(first) + min(vec3u(0u, 1u, 2u), vec3u(lanes - 1u));
        var given = Given(program[row + 1u], 0u, view, image - options.first_image, program[row + 3u], 0u, 0u, 0u);
        var told: Told;
        for (var number = 0u; number < options.stages; number++) {
            let bit = 1u << min(number, 31u);
            let wants_mean = number >= 32u || (options.mean_stages & bit) != 0u;
            let wants_extremes = number >= 32u || (options.extreme_stages & bit) != 0u;
            let wants_histogram = number >= 32u || (options.histogram_stages & bit) != 0u;
            if wants_histogram {
                for (var i = thread; i < 768u; i += THREADS) {
                    atomicStore(&histogram[i], 0u);
                }
                workgroupBarrier();
            }
            var sum = 0.0;
            var least = vec3f(LARGE);
            var greatest = vec3f(-LARGE);
            var area = 1u;
            if number < stages {
                let stage = given.stage;
                given.numbers = program[stage + NUMBERS];
                given.height = program[stage + FROM_HEIGHT];
                given.width = program[stage + FROM_WIDTH];
                given.slot = program[stage + READ_SLOT];
                let height = program[stage + TO_HEIGHT];
                let width = program[stage + TO_WIDTH];
                area = height * width;
                let flags = program[stage + FLAGS];
                let points = program[stage + POINTS];
                for (var i = thread; i < area; i += THREADS) {
                    let x = i % width;
                    let y = i / width;
                    let from_x = select(x, width - 1u - x, (flags & MIRRORED) != 0u);
                    let from_y = select(y, height - 1u - y, (flags & MIRRORED_ROWS) != 0u);
                    var pixel = load(given, from_y, from_x, (flags & IN_UNIT) != 0u);
                    for (var point = 0u; point < points; point++) {
                        let place = stage + STAGE_WORDS + POINT_WORDS * point;
                        pixel = changed(pixel, place, told, i, vec2u(x, y), area);
                    }
                    store(program[stage + WRITE_SLOT], view, area, i, pixel);
                    sum += select(pixel.r, dot(pixel, LUMA), lanes == 3u);
                    least = min(least, pixel);
                    greatest = max(greatest, pixel);
                    if (flags & WANTS_HISTOGRAM) != 0u {
                        let level = level_of(pixel);
                        atomicAdd(&histogram[level.r], 1u);
                        atomicAdd(&histogram[256u + level.g], 1u);
                        atomicAdd(&histogram[512u + level.b], 1u);
                    }
                }
                given.stage = stage + STAGE_WORDS + POINT_WORDS * points;
            }
            if wants_mean {
                told.mean = total(sum, thread) / f32(area);
            }
            if wants_extremes {
                told.least = -vec3f(most(-least.r, thread), most(-least.g, thread), most(-least.b, thread));
                told.greatest = vec3f(most(greatest.r, thread), most(greatest.g, thread), most(greatest.b, thread));
            }
            if wants_histogram {
                workgroupBarrier();
                if thread < 3u {
                    equal_levels(thread, area);
                }
            }
            storageBarrier();
            workgroupBarrier();
        }
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

// The largest over the workgroup, the same in every thread.
fn most(value: f32, thread: u32) -> f32 {
    sums[thread] = value;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if thread < half {
            sums[thread] = max(sums[thread], sums[thread + half]);
        }
        workgroupBarrier();
    }
    let whole = sums[0];
    workgroupBarrier();
    return whole;
}

// The level of 256 of each value in 0..1.
fn level_of(pixel: vec3f) -> vec3u {
    return min(vec3u(clamp(pixel, vec3f(0.0), vec3f(1.0)) * (256.0 - 1e-3)), vec3u(255u));
}

// What stands for each level of a channel, so that all are about as frequent: runtime/augment/pixels/equalize.rs.
fn equal_levels(lane: u32, area: u32) {
    let first = 256u * lane;
    var last = 0u;
    for (var level = 0u; level < 256u; level++) {
        let count = atomicLoad(&histogram[first + level]);
        last = select(last, count, count > 0u);
    }
    let step = (area - min(last, area)) / 255u;
    var below = 0u;
    for (var level = 0u; level < 256u; level++) {
        let equal = select(level, min((below + step / 2u) / max(step, 1u), 255u), step > 0u);
        levels[first + level] = f32(equal) / 255.0;
        below += atomicLoad(&histogram[first + level]);
    }
}

fn store(target_slot: u32, view: u32, area: u32, i: u32, pixel: vec3f) {
    let first = channel.x;
    if target_slot == 0u {
        let start = (options.channels * view + first) * options.output_area + i;
        output[start] = pixel.r;
        if lanes > 1u {
            output[start + area] = pixel.g;
        }
        if lanes > 2u {
            output[start + 2u * area] = pixel.b;
        }
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
        let start = vec3u(image * options.channels) + channel;
        let at = start * area + position;
        return vec3f(bitcast<f32>(source[at.x]), bitcast<f32>(source[at.y]), bitcast<f32>(source[at.z]));
    }
    let at = vec3u(options.channels * (image * area + position)) + channel;
    return vec3f(byte(at.x), byte(at.y), byte(at.z)) / 255.0;
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

fn argument(given: Given, number: u32) -> u32 {
    return program[given.stage + ARGUMENTS + number];
}

fn factor(given: Given, number: u32) -> f32 {
    return bitcast<f32>(argument(given, number));
}

// Numbers of the three channels, one for each channel of the images from a place on.
fn of_channels(place: u32) -> vec3f {
    let at = vec3u(place) + channel;
    return vec3f(bitcast<f32>(program[at.x]), bitcast<f32>(program[at.y]), bitcast<f32>(program[at.z]));
}

fn load(given: Given, y: u32, x: u32, in_unit: bool) -> vec3f {
    var pixel: vec3f;
    switch program[given.stage] {
        case CROP: { pixel = cropped(given, y, x); }
        case TURN: {
            let place = unturned(argument(given, 0u), y, x, given.height, given.width);
            return fetch(given, place.x, place.y);
        }
        case BLUR_ROWS: { return blurred(given, y, x); }
        case BLUR_COLUMNS: { pixel = blurred(given, y, x); }
        case WINDOW: { return windowed(given, y, x); }
        case WARP: { return warped(given, y, x); }
        case SHARPEN: { return sharpened(given, y, x); }
        default: { return fetch(given, y, x); }
    }
    return select(pixel, clamp(pixel, vec3f(0.0), vec3f(1.0)), in_unit);
}

// Which positions of an axis a resized pixel reads, and with which weights: runtime/augment/pixels/interpolation.rs.
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
    if taps == 1u {
        result.stretch = 1.0;
        result.taps = 1;
        result.first = i32(f32(i) * scale);
        result.centre = f32(result.first);
    } else if antialias {
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
    let top = argument(given, 0u);
    let left = argument(given, 1u);
    let taps = argument(given, 6u) & 255u;
    let antialias = (argument(given, 6u) >> 8u) != 0u;
    let rows = axis(argument(given, 2u), factor(given, 4u), y, taps, antialias);
    let columns = axis(argument(given, 3u), factor(given, 5u), x, taps, antialias);
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
    if antialias && taps > 1u {
        sum /= row_weights * column_weights;
    }
    return sum;
}

fn blurred(given: Given, y: u32, x: u32) -> vec3f {
    let taps = i32(argument(given, 0u));
    let along_rows = program[given.stage] == BLUR_ROWS;
    var sum = vec3f(0.0);
    for (var tap = 0; tap < taps; tap++) {
        let offset = tap - taps / 2;
        let blur_weight = bitcast<f32>(program[given.numbers + u32(tap)]);
        if along_rows {
            sum += blur_weight * fetch(given, y, reflected(i32(x) + offset, i32(given.width)));
        } else {
            sum += blur_weight * fetch(given, reflected(i32(y) + offset, i32(given.height)), x);
        }
    }
    return sum;
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

// Reflected at the edges, which are repeated.
fn mirrored(place: i32, length: i32) -> u32 {
    let period = 2 * length;
    let folded = ((place % period) + period) % period;
    return u32(min(folded, period - 1 - folded));
}

fn beyond(edge: u32, place: i32, length: i32) -> u32 {
    switch edge {
        case REPLICATED_EDGE: { return u32(clamp(place, 0, length - 1)); }
        case REFLECTED_EDGE: { return reflected(place, length); }
        default: { return mirrored(place, length); }
    }
}

fn windowed(given: Given, y: u32, x: u32) -> vec3f {
    let place = vec2i(i32(y) + bitcast<i32>(argument(given, 0u)), i32(x) + bitcast<i32>(argument(given, 1u)));
    let size = vec2i(i32(given.height), i32(given.width));
    let edge = argument(given, 2u);
    if edge == CONSTANT_EDGE {
        if any(place < vec2i(0)) || any(place >= size) {
            return of_channels(given.numbers);
        }
        return fetch(given, u32(place.x), u32(place.y));
    }
    return fetch(given, beyond(edge, place.x, size.x), beyond(edge, place.y, size.y));
}

// Read along a projective map: runtime/augment/pixels/warp.rs. Numbers: whether it is bilinear, whether what lies outside
// has values, and these.
fn warped(given: Given, y: u32, x: u32) -> vec3f {
    let middle = vec2f(f32(given.width), f32(given.height)) / 2.0;
    let at = vec3f(f32(x) + 0.5 - middle.x, f32(y) + 0.5 - middle.y, 1.0);
    let divisor = dot(vec3f(factor(given, 6u), factor(given, 7u), factor(given, 8u)), at);
    let u = dot(vec3f(factor(given, 0u), factor(given, 1u), factor(given, 2u)), at) / divisor + (middle.x - 0.5);
    let v = dot(vec3f(factor(given, 3u), factor(given, 4u), factor(given, 5u)), at) / divisor + (middle.y - 0.5);
    let is_bilinear = program[given.numbers] != 0u;
    let has_fill = program[given.numbers + 1u] != 0u;
    let fill = of_channels(given.numbers + 2u);
    // Not a number lies nowhere.
    if !(u > -1.0 && u < f32(given.width) && v > -1.0 && v < f32(given.height)) {
        return fill;
    }
    let size = vec2i(i32(given.width), i32(given.height));
    if !is_bilinear {
        let place = vec2i(i32(round(u)), i32(round(v)));
        if any(place < vec2i(0)) || any(place >= size) {
            return fill;
        }
        return fetch(given, u32(place.y), u32(place.x));
    }
    let low = floor(vec2f(u, v));
    let part = vec2f(u, v) - low;
    var sum = vec3f(0.0);
    var covered = 0.0;
    for (var down = 0; down < 2; down++) {
        for (var across = 0; across < 2; across++) {
            let place = vec2i(low) + vec2i(across, down);
            if all(place >= vec2i(0)) && all(place < size) {
                let tap = select(1.0 - part.x, part.x, across == 1) * select(1.0 - part.y, part.y, down == 1);
                sum += tap * fetch(given, u32(place.y), u32(place.x));
                covered += tap;
            }
        }
    }
    return select(sum, covered * (sum - fill) + fill, has_fill);
}

fn sharpened(given: Given, y: u32, x: u32) -> vec3f {
    let middle = fetch(given, y, x);
    if given.height <= 2u || given.width <= 2u {
        return middle;
    }
    if y == 0u || x == 0u || y == given.height - 1u || x == given.width - 1u {
        return clamp(middle, vec3f(0.0), vec3f(1.0));
    }
    var smooth_pixel = middle * (4.0 / 13.0);
    for (var down = 0u; down < 3u; down++) {
        for (var across = 0u; across < 3u; across++) {
            smooth_pixel += fetch(given, y + down - 1u, x + across - 1u) * (1.0 / 13.0);
        }
    }
    return clamp(middle + (1.0 - factor(given, 0u)) * (smooth_pixel - middle), vec3f(0.0), vec3f(1.0));
}

// A point is its kind, a number, and the place of more of them.
fn changed(pixel: vec3f, place: u32, told: Told, i: u32, at: vec2u, area: u32) -> vec3f {
    let zero = vec3f(0.0);
    let one = vec3f(1.0);
    let amount = bitcast<f32>(program[place + 1u]);
    let numbers = program[place + 2u];
    switch program[place] {
        case BRIGHTNESS: { return clamp(pixel * amount, zero, one); }
        case CONTRAST: { return clamp(pixel * amount + (1.0 - amount) * told.mean, zero, one); }
        case SATURATION: { return select(pixel, clamp(pixel * amount + (1.0 - amount) * dot(pixel, LUMA), zero, one), lanes == 3u); }
        case HUE: { return select(pixel, hue_turned(pixel, amount), lanes == 3u); }
        case GRAYSCALE: { return select(pixel, vec3f(dot(pixel, LUMA)), lanes == 3u); }
        case SOLARIZE: { return select(pixel, one - pixel, pixel >= vec3f(amount)); }
        case POSTERIZE: { return clamp(floor(pixel * amount), zero, vec3f(amount - 1.0)) / amount; }
        case INVERT: { return one - pixel; }
        case AUTOCONTRAST: {
            let is_flat = told.greatest <= told.least;
            let range = select(told.greatest - told.least, one, is_flat);
            return select(clamp((pixel - told.least) / range, zero, one), pixel, is_flat);
        }
        case EQUALIZE: {
            let level = level_of(pixel);
            return vec3f(levels[level.r], levels[256u + level.g], levels[512u + level.b]);
        }
        case NORMALIZE: { return (pixel - of_channels(numbers)) * of_channels(numbers + options.channels); }
        case NOISE: {
            // Mean, whether it is clamped, the seed.
            let noisy = pixel + bitcast<f32>(program[numbers]) + amount * noise(numbers + 2u, i, area);
            return select(noisy, clamp(noisy, zero, one), program[numbers + 1u] != 0u);
        }
        case ERASE, ERASE_NOISE: {
            let corner = vec2u(program[numbers + 1u], program[numbers]);
            let size = vec2u(program[numbers + 3u], program[numbers + 2u]);
            if any(at < corner) || any(at >= corner + size) {
                return pixel;
            }
            if program[place] == ERASE_NOISE {
                return noise(numbers + 4u, i, area);
            }
            return of_channels(numbers + 4u);
        }
        default: { return pixel; }
    }
}

// Standard normal numbers of a pixel's places in [channels, height, width], under a seed: runtime/augment/pixels/normal.rs.
fn noise(seed: u32, i: u32, area: u32) -> vec3f {
    let places = channel * area + i;
    return vec3f(normal(seed, places.x), normal(seed, places.y), normal(seed, places.z));
}

// Two places that differ in one bit are a pair of G. Box and M. Muller, 1958.
fn normal(seed: u32, place: u32) -> f32 {
    let near = bits_of(seed, place & ~16u);
    let far = bits_of(seed, place | 16u);
    // A logarithm near 1 may come out on the wrong side of 0.
    let size = sqrt(max(0.0, -2.0 * log((f32(near >> 9u) + 0.5) / 8388608.0)));
    let radius = select(size, -size, (far & 1u) == 1u);
    let x = f32(far >> 9u) / 8388608.0 - 0.5;
    let q = x * x;
    if (place & 16u) == 0u {
        return radius * ((((0.2196968 * q - 1.3318802) * q + 4.058412) * q - 4.9347925) * q + 1.0);
    }
    return radius * ((((0.077659406 * q - 0.5982922) * q + 2.5500777) * q - 5.1677103) * q + 3.1415927) * x;
}

fn bits_of(seed: u32, place: u32) -> u32 {
    return hash((place * 0x9e3779b1u + program[seed + 1u]) ^ program[seed]);
}

fn hash(word: u32) -> u32 {
    let mixed = (word ^ (word >> 16u)) * 0x7feb352du;
    let more = (mixed ^ (mixed >> 15u)) * 0x846ca68bu;
    return more ^ (more >> 16u);
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
