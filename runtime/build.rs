//! Scripts and shaders are parts of the program. The macro that includes them is told of files that it has seen only, so a
//! new one would be missed.

fn main() {
    for folder in ["scripts", "shaders"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
