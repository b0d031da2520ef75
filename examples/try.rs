//! Scratch.
fn main() {
    let paths: Vec<std::path::PathBuf> = std::env::args().skip(1).map(Into::into).collect();
    let t = std::time::Instant::now();
    let project = huiqi::resolve::load(&paths, std::path::Path::new(""), &|p| std::fs::read(p));
    let parsed = t.elapsed();
    let mut diagnostics = project.diagnostics.clone();
    let decl = huiqi::resolve::declare(&project.trees, &mut diagnostics);
    let (program, more) = huiqi::check::check(&project, &decl);
    eprintln!("parse {:?} check {:?}", parsed, t.elapsed() - parsed);
    diagnostics.extend(more);
    let r = huiqi::diagnostic::Renderer::new(huiqi::diagnostic::Language::Chinese);
    if std::env::var("LONG").is_ok() {
        println!("{}", r.render(&project.sources, &diagnostics));
    } else {
        for d in &diagnostics {
            println!("{}", r.plain(d, &project.sources));
        }
    }
    let w = huiqi::explain::words::Words {
        program: &program,
        sources: &project.sources,
        language: huiqi::diagnostic::Language::Chinese,
    };
    if std::env::var("READ").is_ok() {
        for c in &program.clauses {
            println!("{}: {}", c.name, w.sentence(c));
        }
    }
    println!("{} clauses {} tests {} diagnostics", program.clauses.len(), program.tests.len(), diagnostics.len());
}
