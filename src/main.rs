//! The command line of Huiqi.

fn main() -> std::process::ExitCode {
    huiqi::cli::main()
}
