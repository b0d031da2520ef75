"""Runs the program on a case and holds its results against the evaluator's.

In: a policy and its records. Out: what differs, in words; nothing if all agree.
"""

import json
import subprocess
from fractions import Fraction

from award import Awards
from evaluate import UNKNOWN
from records import write
from settlement import Settlement
from text import policy_text
from values import INF


class Case:
    """A policy with its records."""

    def __init__(self, policy, records, history, drawer, seed):
        self.policy, self.records, self.history, self.drawer, self.seed = policy, records, history, drawer, seed


def engines_of(huiqi):
    """The engines that the program offers; [None] while there is only one."""
    shown = subprocess.run([huiqi, "run", "--help"], capture_output=True, text=True, check=False).stdout
    return ["row", "batch"] if "--engine" in shown else [None]


def run(huiqi, engine, case, folder, rng):
    """Writes the case into the folder, runs it, and returns (lines, messages)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.hq").write_text(policy_text(case.policy), "utf-8")
    arguments = write(case.policy, case.records, case.history, folder, rng)
    command = [huiqi, "run", "policy.hq", "--lang", "en", "--color", "never", "--in", "2024", *arguments]
    output = folder / f"{engine or 'results'}.jsonl"
    output.unlink(missing_ok=True)
    if engine:
        command += ["--engine", engine]
    done = subprocess.run([*command, "--output", output.name], cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    (folder / "command.txt").write_text(" ".join(["huiqi", *command[1:], "--output", output.name]) + "\n", "utf-8")
    if not output.exists():
        return None, done.stdout + done.stderr
    return output.read_bytes(), done.stdout + done.stderr


def show(bound):
    """An amount as the results have it: two places, or none without end."""
    if bound in (INF, None):
        return None
    cents = bound * 100
    return f"{cents.numerator // 100}.{cents.numerator % 100:02}" if cents.denominator == 1 else str(bound)


def missing_name(cause, cells):
    """A missing fact as the results name it."""
    _, fact, item, year = cause
    if isinstance(fact, str):
        return {"projects": "项目"}.get(fact, fact)
    if item is not None:
        return f"项目[{cells['projects'][item]['key']}].{fact.zh}"
    return fact.zh + (f" in {year}" if year and year != 2024 else "")


def has_unknown(cells):
    """Whether anything in a record is unknown."""
    def open_cell(fact, cell):
        return len(cell) < 3 if isinstance(cell, dict) else cell == UNKNOWN

    if any(open_cell(fact, cell) for fact, cell in cells.items() if fact not in ("key", "projects")):
        return True
    return any(cell == UNKNOWN for item in cells["projects"] for cell in item.values())


def differences(case, lines, samples, rng):
    """What differs between the results and the evaluator, as (recipient, clause, words)."""
    found = []
    got = {}
    for line in lines.decode("utf-8").splitlines():
        entry = json.loads(line)
        got[entry["key"], entry["clause"], entry["item"]] = entry
    amounts = {}
    for cells in case.records:
        history = None if case.history is None else [row for row in case.history if row["recipient"] == cells["key"]]
        evaluation = Awards(case.policy, cells, history)
        outcomes = {clause.name: evaluation.outcome(clause) for clause in case.policy.clauses}
        for clause in case.policy.clauses:
            entry = got.get((cells["key"], clause.name, None))
            outcome = outcomes[clause.name]
            amounts[cells["key"], clause.name] = None if outcome.loose or clause.up_to else outcome.amount
            if entry is None:
                found.append((cells["key"], clause.name, "no line in the results"))
                continue
            if any(reason.startswith("too large to compute") for reason in entry["because"]):
                # From 10²⁴ on the program says so, where fractions go on.
                amounts[cells["key"], clause.name] = None
                continue
            words = one(entry, outcome, cells, settled=not case.policy.steps)
            if entry["status"] != "not eligible":  # then there are no items
                words += items(got, cells, clause, outcome)
            found += [(cells["key"], clause.name, word) for word in words]
        if samples and (has_unknown(cells) or case.policy.open_rules):
            found += contained(case, cells, history, got, samples)
    return found or after_settlement(case, amounts, got)


def after_settlement(case, amounts, got):
    """How what is settled differs, where all is known."""
    if not case.policy.steps or any(amount is None for amount in amounts.values()):
        return []
    settled = Settlement(case.policy, case.records, amounts).settle()
    if settled is None:
        return []
    return [
        (key, name, f"settled: expected {show(amount)}, got {got[key, name, None]['settled']}")
        for (key, name), amount in settled.items()
        if got[key, name, None]["settled"] != show(amount)
    ]


def one(entry, outcome, cells, settled):
    """How one line differs from an outcome.

    The program may know more than operations on ranges tell (`A or not A` holds whatever A
    is): bounds inside the outcome's are left to the completions of the record.
    """
    if outcome.loose:
        return []
    if settled:
        wanted, got = (show(outcome.low), show(outcome.high), show(outcome.amount)), (entry["lowest"], entry["highest"], entry["settled"])
        inside = tighter(entry, outcome)
    else:
        wanted, got = show(outcome.amount), entry["amount"]
        inside = wanted is None
    if inside:
        return []
    words = [] if wanted == got else [f"expected {wanted}, got {got}"]
    if settled and entry["status"] != outcome.status and not fewer_causes(entry, outcome):
        words.append(f"status: expected {outcome.status}, got {entry['status']}")
    if entry["amount"] != show(outcome.amount):
        words.append(f"amount: expected {show(outcome.amount)}, got {entry['amount']}")
    missing = {missing_name(cause, cells) for cause in outcome.missing}
    got_missing = {name.removesuffix(" in 2024") for name in entry["missing"]}
    if settled and not got_missing <= missing:
        words.append(f"missing: expected {sorted(missing)}, got {sorted(got_missing)}")
    return words


def fewer_causes(entry, outcome):
    """Whether the program calls it pending since the missing facts change nothing."""
    return (outcome.status, entry["status"]) == ("unknown", "pending") and entry["pending"] and not entry["missing"]


def tighter(entry, outcome):
    """Whether the program's bounds lie inside the outcome's and are not the same."""
    low, high = (INF if entry[name] is None else Fraction(entry[name].removeprefix("≈")) for name in ("lowest", "highest"))
    inside = outcome.amount is None and outcome.low <= low and high <= outcome.high
    return inside and ((low, high) != (outcome.low, outcome.high) or entry["status"] == "up to")


def items(got, cells, clause, outcome):
    """How the items of a clause differ; their amounts are not rounded."""
    words = []
    if outcome.loose or not clause.each:
        return words
    for index, item in outcome.items:
        key = cells["projects"][index]["key"]
        entry = got.get((cells["key"], clause.name, key))
        if entry is None:
            words.append(f"item {key}: no line in the results")
            continue
        if tighter(entry, item):
            continue
        if entry["status"] != item.status and not fewer_causes(entry, item):
            words.append(f"item {key}: status: expected {item.status}, got {entry['status']}")
        for name, value in (("amount", item.amount), ("lowest", item.low), ("highest", item.high)):
            value = None if value == INF else value
            shown = None if entry[name] is None else Fraction(entry[name].removeprefix("≈"))
            if (value is None) != (shown is None) or (value is not None and abs(value - shown) > Fraction(1, 10**9)):
                words.append(f"item {key}: {name}: expected {value}, got {entry[name]}")
    return words


def contained(case, cells, history, got, samples):
    """Completions of a record whose amounts leave the bounds that the program gave."""
    found = []
    if case.policy.steps:
        return found
    for _ in range(samples):
        done = case.drawer.complete(cells)
        evaluation = Awards(case.policy, done, history, case.drawer.bound())
        for clause in case.policy.clauses:
            entry = got.get((cells["key"], clause.name, None))
            outcome = evaluation.outcome(clause)
            if entry is None or outcome.amount is None or outcome.loose:
                continue
            low = Fraction(entry["lowest"])
            high = INF if entry["highest"] is None else Fraction(entry["highest"])
            if not low <= outcome.amount <= high and not (clause.up_to and outcome.amount == 0):
                shown = {fact.zh: str(value) for fact, value in done.items() if not isinstance(fact, str)}
                found.append((cells["key"], clause.name, f"a completion pays {outcome.amount}, outside {low}..{high}: {shown}"))
            elif entry["status"] in ("not eligible", "not in force") and outcome.status in ("exact", "up to"):
                found.append((cells["key"], clause.name, f"{entry['status']}, but a completion is {outcome.status}"))
    return found
