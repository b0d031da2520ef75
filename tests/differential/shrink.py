"""Makes a case that differs smaller while it differs.

In: a case and a judge that tells what differs. Out: a case with fewer recipients, clauses,
steps, gates and modifiers, and what differs in it.
"""

from copy import copy

from compare import Case


def shrunk(case, found, judge):
    """The smallest case that dropping parts one by one leads to."""
    case = copy(case)
    keys = {key for key, _, _ in found if key}
    if keys and not case.policy.steps:
        case, found = better(case, found, judge, with_records(case, [cells for cells in case.records if cells["key"] == min(keys)]))
    else:
        case, found = halves(case, found, judge)
    progress = True
    while progress:
        progress = False
        for smaller in smaller_cases(case):
            again = judge(smaller)
            if again:
                case, found, progress = smaller, again, True
                break
    return case, found


def better(case, found, judge, smaller):
    again = judge(smaller)
    return (smaller, again) if again else (case, found)


def halves(case, found, judge):
    """Drops halves of the records, then quarters, and so on."""
    size = len(case.records) // 2
    while size >= 1:
        start = 0
        while start < len(case.records) and len(case.records) > 1:
            rest = case.records[:start] + case.records[start + size :]
            smaller = with_records(case, rest)
            again = judge(smaller) if rest else []
            if again:
                case, found = smaller, again
            else:
                start += size
        size //= 2
    return case, found


def with_records(case, records):
    keys = {cells["key"] for cells in records}
    history = None if case.history is None else [row for row in case.history if row["recipient"] in keys]
    return Case(case.policy, records, history, case.drawer, case.seed)


def with_policy(case, **changes):
    policy = copy(case.policy)
    for name, value in changes.items():
        setattr(policy, name, value)
    names = {clause.name for clause in policy.clauses}
    history = None if case.history is None else [row for row in case.history if row["clause"] in names]
    return Case(policy, case.records, history, case.drawer, case.seed)


def without(things, index):
    return things[:index] + things[index + 1 :]


def smaller_cases(case):
    """The case with one part less, each in turn."""
    policy = case.policy
    named = {name for clause in policy.clauses for modifier in clause.modifiers for name in modifier.others}
    if len(policy.clauses) > 1:
        for index, clause in enumerate(policy.clauses):
            if clause.name not in named and f"'{clause.name}'" not in str(policy.steps):
                yield with_policy(case, clauses=without(policy.clauses, index))
    for index in range(len(policy.steps)):
        yield with_policy(case, steps=without(policy.steps, index))
    for name in ("in_force", "eligible", "rounding"):
        if getattr(policy, name):
            yield with_policy(case, **{name: None})
    for index, clause in enumerate(policy.clauses):
        for smaller in smaller_clauses(clause):
            yield with_policy(case, clauses=[*policy.clauses[:index], smaller, *policy.clauses[index + 1 :]])
    for cells in case.records:
        for index in range(len(cells["projects"])):
            fewer = {**cells, "projects": without(cells["projects"], index)}
            yield with_records(case, [fewer if one is cells else one for one in case.records])
    for index in range(len(policy.lets)):
        yield with_policy(case, lets=without(policy.lets, index))


def smaller_clauses(clause):
    """The clause with one gate or modifier less, or a part of its award."""
    for name in ("gates", "modifiers"):
        for index in range(len(getattr(clause, name))):
            smaller = copy(clause)
            setattr(smaller, name, without(getattr(clause, name), index))
            yield smaller
    if clause.up_to:
        smaller = copy(clause)
        smaller.up_to = False
        yield smaller
    for award in parts(clause.award):
        smaller = copy(clause)
        smaller.award = award
        yield smaller
    for index, gate in enumerate(clause.gates):
        if gate[0] in ("when", "unless"):
            for condition in conditions(gate[1]):
                smaller = copy(clause)
                smaller.gates = [*clause.gates[:index], (gate[0], condition), *clause.gates[index + 1 :]]
                yield smaller


def parts(node):
    """Expressions of money directly below an expression of money."""
    kind = node[0]
    if kind in ("lesser", "greater"):
        yield from node[1]
    elif kind == "add":
        yield node[1]
        yield from (term for _, term in node[2])
    elif kind in ("or_else", "round", "match"):
        yield from [part for part in node[1:] if isinstance(part, tuple)]
    elif kind == "mul" and node[1][0] != "lit":
        yield node[2]
    elif kind == "let":
        yield node[1].body


def conditions(node):
    """Conditions directly below a condition."""
    if node[0] in ("and", "or"):
        yield from node[1]
    elif node[0] == "not":
        yield node[1]
