//! Compiles the generated parser and its scanner.

use std::path::Path;

fn main() {
    let source = Path::new("src");
    let mut build = cc::Build::new();
    build.std("c11").include(source).warnings(false);
    for file in ["parser.c", "scanner.c"] {
        build.file(source.join(file));
    }
    for file in ["parser.c", "scanner.c", "characters.h", "words.h", "numbers.h", "keywords.h"] {
        println!("cargo:rerun-if-changed=src/{file}");
    }
    build.compile("tree-sitter-huiqi");
}
