//! What a session knows: policies that are checked, the lines entered, the records loaded.
//!
//! In: files, lines and options. Out: a [`World`], checked and bound. A world is made anew
//! for every change and takes the place of the old one only if nothing is wrong with it, so
//! that a failed line changes nothing. Records stay loaded as long as their types do.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::columns::Kept;
use crate::check::program::{Binding, Program};
use crate::check::{self, Asked, Asks};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::eval::{Context, History, Inputs, Tracing};
use crate::policies::{Basis, Policies};
use crate::progress::Progress;
use crate::record::{Loaded, Population};
use crate::resolve::{self, Project};
use crate::source::{FileId, Sources, Span};
use crate::syntax::tree::{Clause, Expr, File, Item, Property, PropertyKind};
use crate::syntax::{self};

/// What a session needs of the machine that it runs on.
pub trait Surroundings: Send + Sync {
    /// The bytes of a policy file.
    ///
    /// # Errors
    /// The file cannot be read.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;

    /// The folder that `use` may reach from these files.
    fn root(&self, files: &[PathBuf]) -> PathBuf;

    /// Reads data files, named as for `--data`.
    ///
    /// # Errors
    /// A record type that is not there.
    fn load(
        &self,
        policies: &Policies,
        named: &[String],
        basis: &Basis,
        progress: &Arc<Progress>,
    ) -> Result<Records, Vec<Diagnostic>>;

    /// The sample city: its vocabulary, and its data files as `load` takes them.
    ///
    /// # Errors
    /// It cannot be laid out.
    fn sample(&self) -> std::io::Result<(PathBuf, Vec<String>)>;
}

/// Records that were loaded.
#[derive(Debug, Default)]
pub struct Records {
    /// The records, and what is to be said of the files.
    pub loaded: Loaded,
    /// Recipients with wrong rows in the history.
    pub faulty: Vec<smol_str::SmolStr>,
    /// Whether such a row may be anybody's.
    pub anybodys: bool,
    /// Columns of them that were asked for.
    pub(super) kept: Kept,
}

impl Records {
    /// Records with what is wrong with the history: whose rows, and whether they may be anybody's.
    pub fn new(loaded: Loaded, faulty: Vec<smol_str::SmolStr>, anybodys: bool) -> Records {
        Records { loaded, faulty, anybodys, kept: Kept::default() }
    }
}

/// What was entered, from which a world is made.
#[derive(Debug, Clone)]
pub(super) struct Entered {
    /// Policy files.
    pub files: Vec<PathBuf>,
    /// Lines of the prompt that declare something.
    pub lines: Vec<Line>,
    /// Data files.
    pub data: Vec<String>,
    /// The period, the day of decision, values that are set.
    pub basis: Basis,
    /// The vocabulary of the sample city, where it is among the files: it lies there for this session only.
    pub city: Option<PathBuf>,
}

/// A line that declares something.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its name in messages: `[3]`.
    pub name: String,
    /// What it declares: a later declaration of the same takes its place.
    pub declares: String,
    /// What was entered with it, as it was typed.
    pub text: Arc<str>,
    /// Its own part of that; none for the whole.
    pub own: Option<Span>,
    /// Made of the columns of data files, rather than typed.
    pub inferred: bool,
}

impl Line {
    /// What it declares, as it was typed.
    pub fn typed(&self) -> &str {
        let own = |span: Span| self.text.get(span.start as usize..span.end as usize);
        self.own.and_then(own).unwrap_or(&self.text).trim()
    }
}

/// A clause worded otherwise, or a declaration more.
#[derive(Debug, Clone)]
pub(super) enum Patch {
    /// In the place of the clause that is named so, in the policy where that is named.
    Clause(Option<smol_str::SmolStr>, Box<Clause>),
    /// Beside everything.
    Item(Box<Item>),
}

/// Policies that are checked and bound, for a period.
#[derive(Debug)]
pub(super) struct World {
    pub policies: Policies,
    pub program: Arc<Program>,
    pub bindings: Vec<Binding>,
    pub basis: Basis,
    /// What the record types are: records that were loaded for the same fit.
    pub shape: String,
}

/// What is wrong, with the texts it points into.
pub(super) type Wrong = (Vec<Diagnostic>, Sources);

impl World {
    /// The world of what was entered.
    pub fn of(entered: &Entered, surroundings: &dyn Surroundings) -> Result<World, Wrong> {
        World::checked(project(entered, surroundings), &entered.basis)
    }

    /// The same, with a line that says what would be otherwise.
    pub fn with(
        entered: &Entered,
        surroundings: &dyn Surroundings,
        (name, text): (&str, &str),
        patches: impl FnOnce(FileId) -> Vec<Patch>,
    ) -> Result<World, Wrong> {
        let mut project = project(entered, surroundings);
        let file = project.sources.add(name, None, text);
        let mut beside = Vec::new();
        for patch in patches(file) {
            match patch {
                Patch::Clause(policy, clause) => {
                    let fits =
                        |found: Option<&str>| policy.as_ref().is_none_or(|policy| found == Some(policy.as_str()));
                    if !project.trees.iter_mut().any(|tree| replace(&mut tree.items, None, &fits, &clause)) {
                        // It is known, but by no name that stands in a file, as the second of two bare awards.
                        let (span, name) =
                            clause.name.as_ref().map_or((clause.span, ""), |name| (name.span, &name.text));
                        let told = Diagnostic::new(Code::UnknownClause).at(span).with("clause", name);
                        return Err((vec![told], project.sources));
                    }
                }
                Patch::Item(item) => beside.push(*item),
            }
        }
        if !beside.is_empty() {
            let named: Vec<String> = beside.iter().map(declares).collect();
            for tree in &mut project.trees {
                tree.items.retain(|item| !named.contains(&declares(item)));
            }
            project.trees.push(File { file, items: beside, comments: Vec::new() });
        }
        World::checked(project, &entered.basis)
    }

    fn checked(project: Project, basis: &Basis) -> Result<World, Wrong> {
        let policies = Policies::checked(project);
        if policies.has_errors() {
            let mut told = policies.diagnostics().to_vec();
            told.retain(|diagnostic| diagnostic.severity() == Severity::Error);
            return Err((told, policies.sources().clone()));
        }
        let (program, bindings) = policies.bindings(basis).map_err(|wrong| (wrong, policies.sources().clone()))?;
        let shape = shape(&policies, &program);
        Ok(World { policies, program, bindings, basis: basis.clone(), shape })
    }

    /// What recipients are evaluated with.
    pub fn context<'a>(
        &'a self,
        program: &'a Program,
        records: &'a Records,
        history: Option<&'a History<'a>>,
        tracing: Tracing,
        progress: Option<&'a Progress>,
    ) -> Context<'a> {
        let population = Some(&records.loaded.population);
        let bindings = self.bindings.clone();
        let inputs = Inputs { bindings, population, history, tracing, progress, ..Inputs::default() };
        Context::new(program, self.basis.period, self.basis.date, inputs)
    }

    /// The history that was loaded; none where a row of it may be anybody's.
    pub fn history<'a>(&'a self, records: &'a Records) -> Option<History<'a>> {
        let (program, population) = (&*self.program, &records.loaded.population);
        let id = program.history();
        (population.is_loaded(id) && !records.anybodys).then(|| {
            History::new(program, population.of(id)).with_faulty(records.faulty.iter().cloned()).settled_again(
                program,
                &self.basis.settlement(),
                population,
            )
        })
    }

    /// Checks expressions of a question over the record types of which records are loaded, recipients first.
    pub fn ask(&self, population: &Population, asked: &[(&Expr, Asks)]) -> Result<Asked, Vec<Diagnostic>> {
        let pays = |at: usize| self.program.clauses.iter().any(|clause| clause.recipient.index() == at);
        let loaded = |at: usize| population.records.get(at).is_some_and(|records| !records.is_empty());
        let mut order: Vec<usize> = (0..self.program.records.len()).collect();
        let is_history = |at: usize| self.program.records.get(at).is_some_and(|record| record.is_history);
        order.sort_by_key(|at| (is_history(*at), !loaded(*at), !pays(*at)));
        let order = order.into_iter().filter_map(|at| u32::try_from(at).ok());
        let order: Vec<_> = order.map(crate::check::program::RecordId).collect();
        check::ask(self.policies.project(), &self.program, &order, asked)
    }
}

/// The files and lines, read into trees.
fn project(entered: &Entered, surroundings: &dyn Surroundings) -> Project {
    let root = surroundings.root(&entered.files);
    let mut project = resolve::load(&entered.files, &root, &|path| surroundings.read(path));
    let (mut everywhere, mut own) = (Vec::new(), Vec::new());
    let mut last = FileId::default();
    for lines in entered.lines.chunk_by(|a, b| Arc::ptr_eq(&a.text, &b.text)) {
        let Some(first) = lines.first() else { continue };
        let file = project.sources.add(&first.name, None, &*first.text);
        last = file;
        let parsed = syntax::parse(file, &first.text);
        project.diagnostics.extend(parsed.diagnostics);
        // What was entered together is read together; some of it may have given way since.
        let starts: HashSet<u32> = lines.iter().filter_map(|line| line.own).map(|own| own.start).collect();
        let stays = |item: &Item| first.own.is_none() || starts.contains(&item.span().start);
        for item in parsed.tree.items.into_iter().filter(stays) {
            match item {
                // A clause that a file has is worded anew in its place; the file itself stays as it is.
                Item::Clause(clause)
                    if clause.name.is_some()
                        && project.trees.iter_mut().any(|tree| replace(&mut tree.items, None, &|_| true, &clause)) => {}
                // A policy stands by itself, so that what is entered beside it keeps its own.
                Item::Policy(_) => project.trees.push(File { file, items: vec![item], comments: Vec::new() }),
                Item::Clause(_) | Item::Article(_) | Item::Property(_) | Item::Settle(_) | Item::Test(_) => {
                    own.push(item)
                }
                // What is derived and declared at the prompt holds in every policy.
                _ => everywhere.push(item),
            }
        }
    }
    for items in [everywhere, own] {
        if !items.is_empty() {
            project.trees.push(File { file: last, items, comments: Vec::new() });
        }
    }
    project
}

/// Puts a clause in the place of the one that is named so; whether there is one.
fn replace(items: &mut [Item], policy: Option<&str>, fits: &dyn Fn(Option<&str>) -> bool, clause: &Clause) -> bool {
    let name = clause.name.as_ref().map(|name| &name.text);
    items.iter_mut().any(|item| match item {
        Item::Policy(inner) => {
            let own = inner.name.text.clone();
            replace(&mut inner.items, Some(&own), fits, clause)
        }
        Item::Article(article) => {
            let by_article = article.name.as_ref().map(|name| &name.text) == name;
            replace(&mut article.items, policy, fits, clause)
                || by_article && fits(policy) && only_bare(&mut article.items, clause)
        }
        Item::Clause(own) if fits(policy) && own.name.is_some() && own.name.as_ref().map(|name| &name.text) == name => {
            *own = clause.clone();
            true
        }
        Item::Clause(own) if own.name.is_none() && policy.is_none() && name.is_some_and(|name| name == "award") => {
            *own = Clause { name: None, ..clause.clone() };
            true
        }
        _ => false,
    })
}

/// A bare award goes by the name of its article.
fn only_bare(items: &mut [Item], clause: &Clause) -> bool {
    let bare = items.iter_mut().find_map(|item| match item {
        Item::Clause(own) if own.name.is_none() => Some(own),
        _ => None,
    });
    match bare {
        Some(own) => {
            *own = Clause { name: None, ..clause.clone() };
            true
        }
        None => false,
    }
}

/// What an item declares, so that a later one takes the place of an earlier.
pub(super) fn declares(item: &Item) -> String {
    let first = |names: &[syntax::tree::Name]| names.first().map(|name| name.text.to_string()).unwrap_or_default();
    let named = |kind: &str, name: String| format!("{kind} {name}");
    match item {
        Item::Use(path) => named("use", path.text.to_string()),
        Item::Unit(unit) => named("unit", first(&unit.names)),
        Item::Record(record) => named("record", first(&record.names)),
        Item::Let(derived) => named("let", first(&derived.names)),
        Item::Parameter(parameter) => named("parameter", first(&parameter.names)),
        Item::Bind(bind) => named("bind", format!("{:?}{:?}", bind.policy.as_ref().map(|p| &p.text), target(bind))),
        Item::Policy(policy) => named("policy", policy.name.text.to_string()),
        Item::Article(article) => {
            let number = article.number.as_ref().map(|number| number.text.to_string()).unwrap_or_default();
            named("article", number + &article.name.as_ref().map(|name| name.text.to_string()).unwrap_or_default())
        }
        Item::Clause(clause) => {
            named("clause", clause.name.as_ref().map(|name| name.text.to_string()).unwrap_or_default())
        }
        Item::Settle(_) => "settle".to_owned(),
        Item::Test(test) => named("test", test.name.text.to_string()),
        Item::Property(property) => property_name(property),
    }
}

fn target(bind: &syntax::tree::Bind) -> &str {
    match &bind.target {
        syntax::tree::BindTarget::Pending(text) => &text.text,
        syntax::tree::BindTarget::Parameter(name) => &name.text,
    }
}

fn property_name(property: &Property) -> String {
    let kind = format!("{:?}", std::mem::discriminant::<PropertyKind>(&property.kind));
    format!("property {kind}")
}

/// What the record types are, without where they are written.
fn shape(policies: &Policies, program: &Program) -> String {
    use std::fmt::Write as _;
    let mut out = format!("{:?} {:?}", program.units, program.enums);
    for record in &program.records {
        let _ = write!(out, "\n{} {:?} {:?}", record.name, record.aliases, record.key);
        for fact in &record.facts {
            let check = fact.check.and_then(|id| program.exprs.get(id.index()));
            let check = check.map_or("", |expr| policies.sources().text(expr.span));
            let (name, kind, per) = (&fact.name, &fact.kind, fact.per);
            let rest = (&fact.aliases, fact.whole, &fact.scale, &fact.default, &fact.dated);
            let _ = write!(out, "\n  {name} {kind:?} {per:?} {rest:?} {check}");
        }
    }
    out
}
