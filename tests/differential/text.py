"""The text of a whole policy file.

In: a `Policy`. Out: its `.hq` text; the same policy gives the same text each time.
"""

import random

from language import TYPES, Printer


def policy_text(policy):
    """Writes the policy."""
    return FilePrinter(policy, random.Random(policy.text_seed)).file()


class FilePrinter(Printer):
    """Adds declarations, clauses and steps to expressions."""

    def file(self):
        """The file."""
        lines = [f"{self.word('unit')} 吨标煤 / tce"]
        lines += self.record("企业 / firm", "代码 / code", self.policy.firm, "firm")
        lines += self.record("项目 / project", "项目号 / project_code", self.policy.project, "project")
        lines.append(f"{self.word('policy')} 试行办法 {{")
        lines += self.properties()
        lines += [self.clause(clause) for clause in self.policy.clauses]
        if self.policy.steps:
            lines.append(f"  {self.word('settle')} {{")
            lines += [f"    {self.step(step)}" for step in self.policy.steps]
            lines.append("  }")
        lines.append("}")
        return "\n".join(lines) + "\n"

    def record(self, names, key, facts, which):
        lines = [f"{self.word('record')} {names} {{", f"  {key} : {self.word('text')} {self.word('key')}"]
        lines += [f"  {self.fact(fact)}" for fact in facts]
        if which == "firm":
            lines.append(f"  项目 / project : {self.word('list of')} 项目")
        for let in self.policy.lets:
            if let.record == which:
                lines.append(f"  {self.word('let')} {let.zh} / {let.en} = {self.expression(let.body)}")
        return [*lines, "}"]

    def fact(self, fact):
        if fact.type in TYPES:
            kind = self.word(fact.type)
        elif fact.type == "quantity":
            kind = f"{self.word('quantity in')} 吨标煤"
        elif fact.type == "one of":
            kind = f"{self.word('one of')} {', '.join(fact.values)}"
        else:
            kind = f"{self.word('level of')} {' > '.join(fact.values)}"
            if fact.dated:
                kind += f" {self.word('dated')} {self.name(fact.dated)}"
        if fact.yearly:
            kind += f" {self.word('per year')}"
        if fact.default == "none":
            kind += f" = {self.word('none')}"
        elif fact.default is not None:
            kind += f" = {self.literal(fact.type, fact.default)}"
        if fact.least:
            op, bound = fact.least
            kind += f" {self.word('where')} {op} {self.literal(fact.type, bound)}"
        return f"{fact.zh} / {fact.en} : {kind}"

    def properties(self):
        policy, lines = self.policy, []
        if policy.in_force:
            lines.append(f"  {self.word('in force')} {self.window(*policy.in_force)}")
        if policy.eligible:
            lines.append(f"  {self.word('eligible when')} {self.expression(policy.eligible)}")
        if policy.rounding:
            mode, unit = policy.rounding
            lines.append(f"  {self.word('round')} {self.word(mode)} {self.word('to')} {unit}")
        for parameter in policy.parameters:
            head = f"  {self.word('parameter')} {parameter.name} : {self.word(parameter.type)}"
            if parameter.pending:
                lines.append(f'{head} = {self.word("pending")} "{parameter.pending}"')
            elif parameter.dated:
                rows = [f"{self.word('from')} {day.isoformat()}: {self.expression(value)}" for day, value in parameter.dated]
                lines.append(f"{head} {{ {', '.join(rows)} }}")
            else:
                lines.append(f"{head} = {self.expression(parameter.value)}")
        return lines

    def window(self, first, last, fact):
        text = f"{first.isoformat() if first else ''}..{last.isoformat() if last else ''}"
        return text + (f" {self.word('by')} {self.name(fact)}" if fact else "")

    def clause(self, clause):
        """A clause; gates stand before the award or behind it."""
        before, behind = [], []
        for gate in clause.gates:
            (before if self.rng.random() < 0.4 else behind).append(self.gate(gate))
        award = self.word("recover") if clause.recover else self.word("award")
        if clause.up_to:
            award += " " + self.word("up to")
        if clause.lump_sum:
            award += " " + self.word("lump sum")
        award += " " + self.expression(clause.award)
        if clause.each:
            award += f" {self.word('for each')} {self.items(clause.each)}"
        comma = self.rng.choice([" ", ", ", "，"])
        tail = [self.modifier(modifier) for modifier in clause.modifiers]
        award = comma.join([award, *tail, *behind])
        return "\n    ".join([f"  {self.word('clause')} {clause.name} {{", *before, award]) + "\n  }"

    def gate(self, gate):
        if gate[0] == "during":
            return f"{self.word('during')} {self.window(*gate[1:])}"
        if gate[0] == "newly":
            return f"{self.word('when')} {self.word('newly')} {self.name(gate[1])}"
        return f"{self.word(gate[0])} {self.expression(gate[1])}"

    def modifier(self, modifier):
        each = f" {self.word('each')}" if modifier.each else ""
        others = f" {self.word('with')} {', '.join(modifier.others)}" if modifier.others else ""
        if modifier.kind == "round":
            return f"{self.word('round')} {self.word(modifier.mode)} {self.word('to')} {modifier.unit}{each}"
        if modifier.kind == "cumulative":
            return f"{self.word('cap')} {self.expression(modifier.value, ATOM_OR_SUM)} {self.word('cumulative')}{each}{others}"
        if modifier.kind in ("topping", "topping paid"):
            return self.word("topping up" + (" on paid" if modifier.kind == "topping paid" else "")) + others
        if modifier.kind == "once":
            return self.word("once") + each + others
        return f"{self.word(modifier.kind)} {self.expression(modifier.value, ATOM_OR_SUM)}{each}"

    # Settlement

    def step(self, step):
        """A step of settlement."""
        kind = step[0]
        if kind in ("highest", "not together"):
            word = "highest among" if kind == "highest" else kind
            return f"{self.word(word)} {', '.join(step[1])}"
        if kind == "exclude":
            return f"{self.word('exclude')} {step[1]} {self.word('when')} {self.expression(step[2])}"
        if kind == "modify":
            return self.modifier(step[1]) + (f" {self.word('for')} {', '.join(step[2])}" if step[2] else "")
        if kind == "select":
            _, number, names, keys, ties = step
            first, *rest = (self.expression(key, ATOM_OR_SUM) + (f" {self.word('asc')}" if asc else "") for key, asc in keys)
            of, by = ("", "按") if self.language() == "zh" else ("of ", "by")
            top = f"前{number} " if by == "按" else f"top {number} "
            text = f"{self.word('select')} {top}{of}{', '.join(names)} {by} {first}"
            text += "".join(f" {self.word('then by')} {key}" for key in rest)
            return text + (f" {self.word(ties)}" if ties else "")
        names = ", ".join(step[1]) if step[1] else self.word("total")
        if kind == "limit":
            text = f"{self.word('limit')} {names} {self.word('to')} {self.expression(step[2], ATOM_OR_SUM)}"
        else:
            text = f"{self.word('budget')} {self.expression(step[2], ATOM_OR_SUM)}"
            text += f" {self.word('for')} {names}" if step[1] else ""
        return text + self.shortage(step[3])

    def shortage(self, rule):
        """Who bears a shortage, and where the rest goes."""
        how, keys, then, rest = rule
        text = f" {self.word(how)}"
        if how == "in order of":
            text += " " + ", ".join(key if isinstance(key, str) else self.expression(key, ATOM_OR_SUM) for key in keys)
        if then:
            text += f" {self.word(then)}"
        return text + (f" {self.word(rest)}" if rest else "")


ATOM_OR_SUM = 6
