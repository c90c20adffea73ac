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
//
// include: view_reads.wgsl
// include: view_points.wgsl

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
