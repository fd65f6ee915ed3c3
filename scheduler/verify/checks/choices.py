"""Which of several requests are granted together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.constraints.choices import Choice, Growth
from scheduler.problem import Request
from scheduler.verify.groups import could_meet, counts
from scheduler.verify.plan import Check, Finding, Plan
from scheduler.verify.words import listed, say, who


def choice(plan: Plan) -> Iterator[Finding]:
    """Of the requests in scope all have a session or none, or at most so many have one."""
    for rule in plan.world.rules(Choice):
        asked = list(_chosen(plan, rule))
        got = [request for request in asked if _counted(plan, rule, request)]
        split = rule.linked and 0 < len(got) < len(asked)
        too_many = rule.at_most is not None and len(got) > rule.at_most
        if split or too_many:
            text = rule.sentence(plan.world.names)
            yield Finding(
                rule="choice",
                constraint=rule,
                requests=tuple(request.id for request in got),
                sentence=say(
                    "已安排{got}，不符合：{zh}",
                    "{got} got sessions, against: {en}",
                    got=listed(who(plan.world, request) for request in got),
                    zh=text.zh,
                    en=text.en,
                ),
            )


def _chosen(plan: Plan, rule: Choice | Growth) -> Iterator[Request]:
    for request in plan.world.problem.requests:
        named = (plan.world.spaces[space] for space in request.spaces)
        in_scope = any(plan.world.matches(rule.scope, request, space) for space in named)
        if in_scope and could_meet(plan.world, rule, request):
            yield request


def _counted(plan: Plan, rule: Choice | Growth, request: Request) -> int:
    """The sessions of a request that have a date on which the rule holds."""
    return sum(counts(plan.world, rule, slot) for slot in plan.by_request.get(request.id, ()))


def growth(plan: Plan) -> Iterator[Finding]:
    """Whoever has fewer than he asked for is at most one session of the rule's dates behind everybody else."""
    for rule in plan.world.rules(Growth):
        asked: dict[str, int] = defaultdict(int)
        got: dict[str, int] = defaultdict(int)
        granted: dict[str, int] = defaultdict(int)
        members: dict[str, list[Request]] = defaultdict(list)
        for request in _chosen(plan, rule):
            body = next(iter(plan.world.bodies(request.applicant)), request.applicant)
            members[body].append(request)
            asked[body] += plan.world.asked(request)
            got[body] += _counted(plan, rule, request)
            granted[body] += len(plan.by_request.get(request.id, ()))
        for behind in sorted(asked):
            if granted[behind] == asked[behind]:
                continue
            for ahead in sorted(asked):
                above = got[ahead] - got[behind] - 1
                if ahead != behind and above > 0:
                    yield Finding(
                        rule="growth",
                        constraint=rule,
                        requests=tuple(request.id for request in members[ahead]),
                        cost=rule.weight * above,
                        sentence=say(
                            "{ahead}有{many}场，{behind}才{few}场（申请{asked}场）",
                            "{ahead} has {many} sessions, {behind} only {few} of the {asked} asked for",
                            ahead=ahead,
                            behind=behind,
                            many=got[ahead],
                            few=got[behind],
                            asked=asked[behind],
                        ),
                    )


CHECKS: dict[str, Check] = {"choice": choice, "growth": growth}
