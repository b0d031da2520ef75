//! The command line of Huiqi.

/// Columns of a million rows come and go: what they leave is used again, not handed back and asked for anew. Large
/// pages are left to the system: to clear two million bytes of which a part is used takes longer than it saves.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    huiqi::cli::main()
}
