//! What is declared: the trees of all files sorted by kind, each with the policy, article
//! and file it stands in.

use smol_str::SmolStr;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::tree::{self, Item, PropertyKind};

/// Where a declaration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// The file.
    pub file: FileId,
    /// The policy, by place in [`Declarations::policies`].
    pub policy: Option<usize>,
}

/// Everything that the files declare.
#[derive(Debug, Default)]
pub struct Declarations<'t> {
    /// Units.
    pub units: Vec<&'t tree::Unit>,
    /// Record blocks; those of one name add up.
    pub records: Vec<&'t tree::Record>,
    /// Derived facts outside records and clauses.
    pub lets: Vec<LetDecl<'t>>,
    /// Parameters.
    pub parameters: Vec<ParameterDecl<'t>>,
    /// Bindings.
    pub binds: Vec<(Scope, &'t tree::Bind)>,
    /// Policies.
    pub policies: Vec<PolicyDecl<'t>>,
    /// Clauses in document order.
    pub clauses: Vec<ClauseDecl<'t>>,
    /// Settle blocks in order.
    pub settles: Vec<(Scope, &'t tree::Settle)>,
    /// Tests.
    pub tests: Vec<TestDecl<'t>>,
    /// Documentation comments by file, in order.
    pub comments: Vec<(FileId, &'t [tree::Comment])>,
}

/// A derived fact and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct LetDecl<'t> {
    /// Where.
    pub scope: Scope,
    /// The declaration.
    pub tree: &'t tree::Let,
}

/// A parameter and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct ParameterDecl<'t> {
    /// Where.
    pub scope: Scope,
    /// The declaration.
    pub tree: &'t tree::Parameter,
}

/// A test and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct TestDecl<'t> {
    /// Where.
    pub scope: Scope,
    /// The declaration.
    pub tree: &'t tree::Test,
}

/// A policy: one that is declared, or the unnamed one of a bare file.
#[derive(Debug)]
pub struct PolicyDecl<'t> {
    /// Its name; empty for the unnamed one.
    pub name: SmolStr,
    /// Where the name stands.
    pub name_span: Option<Span>,
    /// The whole policy.
    pub span: Option<Span>,
    /// Its properties.
    pub properties: Vec<&'t tree::Property>,
    /// Its articles in order.
    pub articles: Vec<ArticleDecl<'t>>,
}

/// An article.
#[derive(Debug)]
pub struct ArticleDecl<'t> {
    /// The declaration.
    pub tree: &'t tree::Article,
    /// Its properties.
    pub properties: Vec<&'t tree::Property>,
}

/// A clause and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct ClauseDecl<'t> {
    /// Where.
    pub scope: Scope,
    /// The article, by place in its policy.
    pub article: Option<usize>,
    /// The declaration.
    pub tree: &'t tree::Clause,
}

/// Sorts the items of all files.
pub fn declare<'t>(trees: &'t [tree::File], diagnostics: &mut Vec<Diagnostic>) -> Declarations<'t> {
    let mut out = Declarations::default();
    for file in trees {
        out.comments.push((file.file, &file.comments));
        // Articles and clauses may stand beside the one policy of their file, before or after it.
        let policies = file.items.iter().filter_map(|item| match item {
            Item::Policy(policy) => Some(policy),
            _ => None,
        });
        let first = out.policies.len();
        for policy in policies {
            if let Some(other) = out.policies.iter().find(|p| p.name == policy.name.text) {
                let mut diagnostic =
                    Diagnostic::new(Code::DuplicateName).at(policy.name.span).with("name", &policy.name.text);
                diagnostic.spans.extend(other.name_span);
                diagnostics.push(diagnostic);
            }
            out.policies.push(PolicyDecl {
                name: policy.name.text.clone(),
                name_span: Some(policy.name.span),
                span: Some(policy.span),
                properties: Vec::new(),
                articles: Vec::new(),
            });
        }
        let declared = out.policies.len() - first;
        if declared == 0 && file.items.iter().any(needs_policy) {
            out.policies.push(PolicyDecl {
                name: SmolStr::default(),
                name_span: None,
                span: None,
                properties: Vec::new(),
                articles: Vec::new(),
            });
        }
        // Beside several policies, what stands alone is of none of them.
        let own = (out.policies.len() == first + 1).then_some(first);
        let mut at = first;
        for item in &file.items {
            match item {
                Item::Policy(policy) => {
                    let scope = Scope { file: file.file, policy: Some(at) };
                    at += 1;
                    for member in &policy.items {
                        out.item(scope, None, member);
                    }
                }
                other if declared > 1 && needs_policy(other) => {
                    let policy = out.policies.get(first).and_then(|policy| policy.name_span);
                    diagnostics.push(homeless(other, declared, policy));
                }
                other => out.item(Scope { file: file.file, policy: own }, None, other),
            }
        }
    }
    out
}

/// Whether an item only makes sense within a policy.
fn needs_policy(item: &Item) -> bool {
    match item {
        Item::Article(_) | Item::Clause(_) => true,
        Item::Property(property) => !matches!(property.kind, PropertyKind::FundedBy(_)),
        _ => false,
    }
}

/// What stands beside several policies of its file belongs to none of them.
fn homeless(item: &Item, count: usize, policy: Option<Span>) -> Diagnostic {
    let (name, span) = match item {
        Item::Article(article) => {
            (article.name.as_ref().map(|name| &name.text), article.name.as_ref().map_or(article.span, |name| name.span))
        }
        Item::Clause(clause) => {
            (clause.name.as_ref().map(|name| &name.text), clause.name.as_ref().map_or(clause.span, |name| name.span))
        }
        Item::Property(property) => (None, property.span),
        _ => (None, Span::default()),
    };
    let mut diagnostic =
        Diagnostic::new(Code::NoPolicy).at(span).with("count", count.to_string()).with_some("name", name);
    diagnostic.spans.extend(policy);
    diagnostic
}

impl<'t> Declarations<'t> {
    fn item(&mut self, scope: Scope, article: Option<usize>, item: &'t Item) {
        match item {
            Item::Use(_) => {}
            Item::Unit(unit) => self.units.push(unit),
            Item::Record(record) => self.records.push(record),
            Item::Let(tree) => self.lets.push(LetDecl { scope, tree }),
            Item::Parameter(tree) => self.parameters.push(ParameterDecl { scope, tree }),
            Item::Bind(bind) => self.binds.push((scope, bind)),
            Item::Settle(settle) => self.settles.push((scope, settle)),
            Item::Test(tree) => self.tests.push(TestDecl { scope, tree }),
            Item::Clause(tree) => self.clauses.push(ClauseDecl { scope, article, tree }),
            Item::Article(tree) => self.article(scope, tree),
            Item::Policy(policy) => policy.items.iter().for_each(|member| self.item(scope, article, member)),
            Item::Property(property) => self.property(scope, article, property),
        }
    }

    fn article(&mut self, scope: Scope, tree: &'t tree::Article) {
        let Some(policy) = scope.policy.and_then(|at| self.policies.get_mut(at)) else { return };
        policy.articles.push(ArticleDecl { tree, properties: Vec::new() });
        let at = policy.articles.len() - 1;
        for member in &tree.items {
            self.item(scope, Some(at), member);
        }
    }

    fn property(&mut self, scope: Scope, article: Option<usize>, property: &'t tree::Property) {
        let Some(policy) = scope.policy.and_then(|at| self.policies.get_mut(at)) else { return };
        match article.and_then(|at| policy.articles.get_mut(at)) {
            Some(article) => article.properties.push(property),
            None => policy.properties.push(property),
        }
    }
}
