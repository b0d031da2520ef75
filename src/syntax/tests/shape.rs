//! The shape of a tree on a few lines: what the cases compare.

use crate::syntax::tree::*;

/// An expression with every level in parentheses.
pub fn expression(expr: &Expr) -> String {
    let e = |inner: &Expr| expression(inner);
    let o = |inner: &Option<Box<Expr>>| inner.as_ref().map_or("_".to_owned(), |inner| expression(inner));
    match &expr.kind {
        ExprKind::Number(number) => format!("{}{}", number.digits, number.suffix),
        ExprKind::Date(date) => match date {
            DateLiteral::Year(year) => format!("<{year}>"),
            DateLiteral::Quarter(year, quarter) => format!("<{year}Q{quarter}>"),
            DateLiteral::Month(year, month) => format!("<{year}-{month}>"),
            DateLiteral::Day(year, month, day) => format!("<{year}-{month}-{day}>"),
        },
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Yes => "yes".into(),
        ExprKind::No => "no".into(),
        ExprKind::None => "none".into(),
        ExprKind::Name(name) => name.text.to_string(),
        ExprKind::Field(inner, name) => format!("{}.{}", e(inner), name.text),
        ExprKind::Negative(inner) => format!("(- {})", e(inner)),
        ExprKind::Not(inner) => format!("(not {})", e(inner)),
        ExprKind::Chain(first, rest) => {
            let mut text = format!("({}", e(first));
            for (operator, operand) in rest {
                text += &format!(" {operator:?} {}", e(operand));
            }
            text + ")"
        }
        ExprKind::Compare(left, comparison, right) => {
            let word = if comparison.word { "*" } else { "" };
            format!("({} {:?}{word} {})", o(left), comparison.operator, e(right))
        }
        ExprKind::In(left, right) => format!("({} in {})", o(left), e(right)),
        ExprKind::Between(subject, low, high) => format!("({} between {} {})", o(subject), e(low), e(high)),
        ExprKind::IsNone(inner, none) => format!("({} is{} none)", e(inner), if *none { "" } else { " not" }),
        ExprKind::Newly(inner) => format!("(newly {})", e(inner)),
        ExprKind::List(members) => format!("[{}]", several(members)),
        ExprKind::Range(from, to) => format!("({}..{})", o(from), o(to)),
        ExprKind::Table(table) => {
            let rows: Vec<_> =
                table.rows.iter().map(|row| format!("{}: {}", several(&row.keys), e(&row.value))).collect();
            let subject = table.subject.as_ref().map_or("_".to_owned(), expression);
            format!("({:?} by {subject} {{{}}})", table.kind, rows.join("; "))
        }
        ExprKind::Call(function, arguments) => format!("{function:?}({})", several(arguments)),
        ExprKind::Round(mode, value, to) => format!("(round {mode:?} {} to {})", e(value), e(to)),
        ExprKind::Aggregate(aggregate) => {
            let part = |name: &str, inner: &Option<Expr>| {
                inner.as_ref().map_or(String::new(), |inner| format!(" {name}={}", e(inner)))
            };
            let all = if aggregate.all { " all" } else { "" };
            let (value, over) = (part("value", &aggregate.value), part("over", &aggregate.over));
            format!("({:?}{value}{over}{all}{})", aggregate.kind, part("if", &aggregate.condition))
        }
        ExprKind::Where(list, condition) => format!("({} where {})", e(list), e(condition)),
        ExprKind::Top(count, list, keys) => format!("(top {} of {} by {})", e(count), e(list), sort_keys(keys)),
        ExprKind::Pending(text) => format!("(pending {:?})", text.text),
        ExprKind::Match(a, b, base) => format!("(match {}:{} {})", a.digits, b.digits, e(base)),
        ExprKind::On(value, date) => format!("({} on {})", e(value), e(date)),
        ExprKind::Elapsed(unit, from, to) => format!("({unit:?} from {} to {})", e(from), e(to)),
        ExprKind::YearOf(inner) => format!("(year of {})", e(inner)),
        ExprKind::PaidUnder(clauses) => format!("(paid under {})", paths(clauses)),
        ExprKind::Poison => "poison".into(),
    }
}

fn several(members: &[Expr]) -> String {
    members.iter().map(expression).collect::<Vec<_>>().join(", ")
}

fn sort_keys(keys: &[SortKey]) -> String {
    let key = |key: &SortKey| format!("{}{}", expression(&key.key), if key.ascending { " asc" } else { "" });
    keys.iter().map(key).collect::<Vec<_>>().join(", ")
}

fn paths(clauses: &[Path]) -> String {
    let path = |path: &Path| path.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
    clauses.iter().map(path).collect::<Vec<_>>().join(", ")
}

fn names(names: &[Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(" / ")
}

/// The items of a file, a line each part.
pub fn items(list: &[Item], indent: usize) -> String {
    let pad = "  ".repeat(indent);
    let mut text = String::new();
    for item in list {
        text += &pad;
        text += &match item {
            Item::Clause(item) => clause(item, indent),
            Item::Policy(policy) => format!("policy {}\n{}", policy.name.text, items(&policy.items, indent + 1)),
            Item::Article(article) => {
                let number = article.number.as_ref().map_or("-", |number| number.text.as_str());
                let name = article.name.as_ref().map_or("-", |name| name.text.as_str());
                format!("article {number} {name}\n{}", items(&article.items, indent + 1))
            }
            Item::Let(item) => let_fact(item),
            Item::Bind(bind) => {
                format!("bind {:?} = {}\n", bind.policy.as_ref().map(|name| &name.text), expression(&bind.value))
            }
            Item::Unit(unit) => format!("unit {}\n", names(&unit.names)),
            Item::Use(path) => format!("use {:?}\n", path.text),
            Item::Record(record) => self::record(record, indent),
            Item::Parameter(parameter) => {
                let value = |(from, value): &(Option<Expr>, Expr)| {
                    format!("{} {}", from.as_ref().map_or("=".to_owned(), expression), expression(value))
                };
                let values: Vec<_> = parameter.values.iter().map(value).collect();
                format!("parameter {} {:?}: {}\n", names(&parameter.names), parameter.kind.is_some(), values.join("; "))
            }
            Item::Settle(settle) => {
                let steps: String = settle.steps.iter().map(|item| format!("{pad}  {}\n", step(&item.kind))).collect();
                format!("settle\n{steps}")
            }
            Item::Test(test) => self::test(test, &pad),
            Item::Property(property) => self::property(property),
        };
    }
    text
}

fn let_fact(fact: &Let) -> String {
    format!("let {} = {}\n", names(&fact.names), expression(&fact.value))
}

fn record(record: &Record, indent: usize) -> String {
    let pad = "  ".repeat(indent + 1);
    let mut text = format!("record {}\n", names(&record.names));
    for fact in &record.facts {
        let kind = match &fact.kind {
            TypeExpr::OneOf(list) => format!("one of {}", names(list)),
            TypeExpr::LevelOf(list) => format!("level of {}", names(list)),
            TypeExpr::Quantity(name) => format!("quantity in {}", name.text),
            TypeExpr::Price(name) => format!("price per {}", name.text),
            TypeExpr::List(name) => format!("list of {}", name.text),
            simple => format!("{simple:?}"),
        };
        text += &format!("{pad}{} : {kind}", names(&fact.names));
        text += &fact.per.map_or(String::new(), |per| format!(" per {per:?}"));
        text += &fact.scale.as_ref().map_or(String::new(), |scale| format!(" in {}", scale.text));
        text += if fact.key { " key" } else { "" };
        text += &fact.check.as_ref().map_or(String::new(), |check| format!(" where {}", expression(check)));
        text += &fact.default.as_ref().map_or(String::new(), |value| format!(" = {}", expression(value)));
        text += &fact.dated.as_ref().map_or(String::new(), |name| format!(" dated {}", name.text));
        text += "\n";
    }
    for fact in &record.lets {
        text += &format!("{pad}{}", let_fact(fact));
    }
    text
}

fn property(property: &Property) -> String {
    let texts = |list: &[Text]| list.iter().map(|text| text.text.as_str()).collect::<Vec<_>>().join(", ");
    match &property.kind {
        PropertyKind::Issuer(list) | PropertyKind::Lead(list) => format!("offices {}\n", texts(list)),
        PropertyKind::Issued(date) => format!("issued {}\n", expression(date)),
        PropertyKind::Eligible(condition) => format!("eligible {}\n", expression(condition)),
        PropertyKind::InForce { range, by } => {
            format!("in force {} by {}\n", expression(range), by.as_ref().map_or("-".into(), expression))
        }
        PropertyKind::Round(rounding) => format!("round {:?} {}\n", rounding.mode, expression(&rounding.to)),
        PropertyKind::Budget(rows) => {
            let row = |(period, amount): &(Option<Expr>, Expr)| {
                format!("{} {}", period.as_ref().map_or("-".into(), expression), expression(amount))
            };
            format!("budget {}\n", rows.iter().map(row).collect::<Vec<_>>().join("; "))
        }
        PropertyKind::Convention { word, included } => format!("convention {} {included}\n", word.text),
        PropertyKind::Overrides(clauses) => format!("overrides {}\n", paths(clauses)),
        PropertyKind::FundedBy(payers) => format!("funded by {}\n", self::payers(payers)),
        PropertyKind::Title(text)
        | PropertyKind::Number(text)
        | PropertyKind::Text(text)
        | PropertyKind::Commitment(text) => {
            format!("text {:?}\n", text.text)
        }
        PropertyKind::OutsideBudget => "outside budget\n".into(),
    }
}

fn payers(payers: &[Payer]) -> String {
    let payer = |payer: &Payer| {
        let part = |part: &Option<Expr>| part.as_ref().map_or("-".to_owned(), expression);
        format!("{} {} cap {}", payer.name.text, part(&payer.share), part(&payer.cap))
    };
    payers.iter().map(payer).collect::<Vec<_>>().join(", ")
}

fn clause(clause: &Clause, indent: usize) -> String {
    let pad = "  ".repeat(indent + 1);
    let name = clause.name.as_ref().map_or("-", |name| name.text.as_str());
    let number = clause.number.as_ref().map_or("", |number| number.text.as_str());
    let mut text = format!("clause {number} {name}\n");
    for fact in &clause.lets {
        text += &format!("{pad}{}", let_fact(fact));
    }
    for part in &clause.parts {
        text += &pad;
        text += &match part {
            Part::Award(award) => {
                let up_to = if award.up_to.is_some() { "up to " } else { "" };
                let recover = if award.recover { "recover " } else { "" };
                format!("award {recover}{up_to}{}\n", expression(&award.amount))
            }
            Part::ForEach(list, _) => format!("for each {}\n", expression(list)),
            Part::To(name) => format!("to {}\n", name.text),
            Part::Modifier(modifier) => format!("{}\n", self::modifier(modifier)),
            Part::Gate(gate) => match &gate.kind {
                GateKind::When(condition) => format!("when {}\n", expression(condition)),
                GateKind::Unless(condition) => format!("unless {}\n", expression(condition)),
                GateKind::During { range, by } => {
                    format!("during {} by {}\n", expression(range), by.as_ref().map_or("-".into(), expression))
                }
            },
            Part::Property(property) => self::property(property),
        };
    }
    text
}

fn modifier(modifier: &Modifier) -> String {
    let kind = match &modifier.kind {
        ModifierKind::Cap(amount) => format!("cap {}", expression(amount)),
        ModifierKind::Floor(amount) => format!("floor {}", expression(amount)),
        ModifierKind::Times(amount) => format!("times {}", expression(amount)),
        ModifierKind::Less(amount) => format!("less {}", expression(amount)),
        ModifierKind::NothingBelow(amount) => format!("nothing below {}", expression(amount)),
        ModifierKind::Round(rounding) => format!("round {:?} {}", rounding.mode, expression(&rounding.to)),
        ModifierKind::ToppingUp { on_paid } => format!("topping up {on_paid}"),
        ModifierKind::Once => "once".into(),
    };
    let each = if modifier.each { " each" } else { "" };
    let cumulative = if modifier.cumulative { " cumulative" } else { "" };
    format!("{kind}{each}{cumulative} {}", paths(&modifier.with))
}

fn shortage(shortage: &Option<Shortage>) -> String {
    let rule = |rule: &ShortageRule| match rule {
        ShortageRule::InOrderOf(keys) => format!("in order of {}", sort_keys(keys)),
        share => format!("{share:?}"),
    };
    shortage.as_ref().map_or("-".to_owned(), |found| {
        let tie = found.tie.as_ref().map_or("-".to_owned(), rule);
        let unit = found.round_to.as_ref().map_or("-".to_owned(), expression);
        format!("({} tie {tie} rest {:?} to {unit})", rule(&found.rule), found.rest)
    })
}

fn step(step: &StepKind) -> String {
    let part = |part: &Option<Expr>| part.as_ref().map_or("-".to_owned(), expression);
    match step {
        StepKind::Modifier { modifier, clauses } => format!("{} for {}", self::modifier(modifier), paths(clauses)),
        StepKind::HighestAmong { clauses, per } => format!("highest {} per {}", paths(clauses), part(per)),
        StepKind::NotTogether { clauses, per } => format!("apart {} per {}", paths(clauses), part(per)),
        StepKind::Exclude { clauses, when } => format!("exclude {} when {}", paths(clauses), expression(when)),
        StepKind::Select { count, clauses, keys, per, ties } => {
            let ties = match ties {
                Some(Ties::By(key)) => format!("by {}", expression(&key.key)),
                other => format!("{:?}", other.is_some()),
            };
            format!(
                "select {} of {} by {} per {} ties {ties}",
                expression(count),
                paths(clauses),
                sort_keys(keys),
                part(per)
            )
        }
        StepKind::Limit { clauses, to, cumulative, per, shortage } => format!(
            "limit {} to {} cumulative {cumulative} per {} {}",
            paths(clauses),
            expression(to),
            part(per),
            self::shortage(shortage)
        ),
        StepKind::Budget { amount, clauses, from, per, shortage } => format!(
            "budget {} for {} from {} per {} {}",
            part(amount),
            paths(clauses),
            from.as_ref().map_or("-", |from| from.text.as_str()),
            part(per),
            self::shortage(shortage)
        ),
        StepKind::OutsideBudget(clauses) => format!("outside {}", paths(clauses)),
        StepKind::Policies(names) => {
            format!("settle {}", names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", "))
        }
        StepKind::FundedBy(payers) => format!("funded by {}", self::payers(payers)),
    }
}

fn test(test: &Test, pad: &str) -> String {
    let part = |part: &Option<Expr>| part.as_ref().map_or("-".to_owned(), expression);
    let mut text = format!("test {:?} in {} on {}\n", test.name.text, part(&test.period), part(&test.date));
    for line in &test.lines {
        text += pad;
        text += &match line {
            TestLine::Given { record, rows, .. } => format!("  given {} [{}]\n", record.text, self::rows(rows)),
            TestLine::Bind(bind) => format!("  bind = {}\n", expression(&bind.value)),
            TestLine::Expect(expect) => {
                let outcome = match &expect.outcome {
                    Some(Outcome::UpTo(amount)) => format!("up to {}", expression(amount)),
                    Some(Outcome::Exact(amount)) => format!("exact {}", part(amount)),
                    Some(Outcome::Pending(text)) => format!("pending {:?}", text.as_ref().map(|text| &text.text)),
                    other => format!("{other:?}"),
                };
                let key = expect.key.as_ref().map_or("-", |key| key.text.as_str());
                format!("  expect {} {outcome} for {key}\n", expression(&expect.target))
            }
        };
    }
    text
}

fn rows(list: &[Row]) -> String {
    let cell = |cell: &Cell| {
        let value = match &cell.value {
            CellValue::Expr(value) => expression(value),
            CellValue::Rows(list) => format!("[{}]", rows(list)),
            CellValue::Unknown(_) => "unknown".into(),
        };
        format!("{} {}: {value}", cell.name.text, cell.period.as_ref().map_or("".into(), expression))
    };
    let row = |row: &Row| row.cells.iter().map(cell).collect::<Vec<_>>().join(", ");
    list.iter().map(row).collect::<Vec<_>>().join(" | ")
}
