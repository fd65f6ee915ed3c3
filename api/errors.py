"""What the service says when it refuses: problem documents (RFC 9457), stable codes, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.logs import request_id
from scheduler.constraints.terms import Sentence
from scheduler.wellformed import Fault

MEDIA_TYPE = "application/problem+json"

# code: (HTTP status, title in Chinese, title in English). Codes are a contract: added to, never renamed.
CODES: dict[str, tuple[int, str, str]] = {
    "bad_request": (400, "请求写法有误", "The request is not written correctly"),
    "unauthorized": (401, "需要有效的访问令牌", "A valid token is needed"),
    "sign_in_failed": (401, "姓名或密码不对", "Name or password is wrong"),
    "code_failed": (401, "验证码不对，或已过期", "The code is wrong, or too old"),
    "forbidden": (403, "没有这项权限", "Not allowed"),
    "own_interest": (
        403,
        "与本人所在单位有关，须由另一位管理员办理",
        "It is of one's own organisation; another manager decides",
    ),
    "not_found": (404, "没有找到", "Not found"),
    "method_not_allowed": (405, "此地址不支持这种操作", "This address does not take that method"),
    "too_slow": (408, "内容传送太慢，已中断", "It came too slowly and was broken off"),
    "conflict": (409, "与现有数据冲突", "Conflict with what is stored"),
    "already_exists": (409, "已有同名的一项", "There is one of this name already"),
    "ambiguous_reference": (409, "此编号对应多项，请注明所属单位", "Several have this code; name the owner"),
    "in_use": (409, "仍有其他内容引用它，不能删除", "Others still refer to it"),
    "round_not_open": (409, "申请尚未开始", "The round has not opened yet"),
    "round_closed": (409, "申请已经截止", "The round is closed"),
    "round_still_open": (409, "申请尚未截止，不能发布", "The round is still open"),
    "publicity_running": (409, "公示尚未结束，不能发布", "The publicity is still running"),
    "objections_unanswered": (409, "还有异议没有答复，不能发布", "Objections are still unanswered"),
    "publicity_over": (409, "公示已经结束，不再受理异议", "The publicity is over; objections are no longer taken"),
    "solve_finished": (409, "这次排期已经结束", "This solve has ended"),
    "does_not_hold": (409, "核验未通过，不能发布", "The verifier does not pass it; it is not released"),
    "outdated_proposal": (
        409,
        "方案排定之后数据有变化，请重新排期",
        "The data changed after this proposal; solve again",
    ),
    "other_seed": (409, "抽签种子与公布的不一致，不能发布", "The lot was not drawn from the published seed"),
    "release_moved_on": (409, "已有更新的发布版本", "A newer release is in force"),
    "double_booking": (409, "与其他轮次的安排冲突", "It collides with the bookings of another round"),
    "revision_changed": (412, "内容已被他人修改，请重新读取", "It was changed meanwhile; read it again"),
    "too_large": (413, "内容过大", "The body is too large"),
    "address_too_long": (414, "地址过长", "The address is too long"),
    "not_json_type": (415, "只接受 application/json", "Only application/json is taken"),
    "not_table_type": (415, "只接受 CSV 或 XLSX 文件", "Only CSV and XLSX files are taken"),
    "invalid_document": (422, "内容不符合要求", "The document is not valid"),
    "contradiction": (
        422,
        "有了这条规则，必须安排的活动就排不下了",
        "With this rule, what must be placed cannot be",
    ),
    "idempotency_key_reused": (
        422,
        "同一个 Idempotency-Key 用于不同的请求",
        "One Idempotency-Key for two requests",
    ),
    "if_match_needed": (428, "修改时须带 If-Match", "Updates need If-Match"),
    "too_many_attempts": (429, "尝试次数过多，请稍后再试", "Too many attempts; try again later"),
    "too_many_requests": (429, "请求太频繁，请稍后再试", "Too many requests; try again later"),
    "headers_too_large": (431, "请求头过大", "The headers are too large"),
    "internal": (500, "服务出错，已记录", "An error of the service; it was logged"),
    "not_judged_yet": (
        503,
        "还没有核算完会不会与必须安排的活动冲突，规则没有生效；请稍后原样再交一次",
        "It has not been judged yet, and was not taken; send the same again shortly",
    ),
    "not_ready": (503, "服务还没有准备好", "The service is not ready"),
    "storage_full": (503, "服务器磁盘已满，没有保存；请联系管理员", "The disk is full; nothing was kept"),
    "database_away": (
        503,
        "暂时连不上数据库，没有保存；请稍后再试",
        "The database is away; nothing was kept; try again",
    ),
    "busy": (503, "服务繁忙，请稍后再试", "Busy; try again shortly"),
}


@dataclass(eq=False)
class Refused(Exception):  # noqa: N818 - it is a refusal, told to the caller, not an error of ours
    """A request that is refused; `api.app` turns it into a problem document."""

    code: str
    detail: Sentence | None = None
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of its code."""
        return CODES[self.code][0]

    @property
    def sentence(self) -> Sentence:
        """What is said of this case; of the code, when there is nothing more to say."""
        return self.detail or Sentence(zh=CODES[self.code][1], en=CODES[self.code][2])

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence.en}"


def refused(code: str, zh: str, en: str, **more: Any) -> Refused:
    """A refusal with a sentence for this case."""
    return Refused(code, Sentence(zh=zh, en=en), more=more)


def document(refusal: Refused, *, instance: str, lang: str) -> dict[str, Any]:
    """The problem document of a refusal; `lang` (zh or en) chooses the words of `title` and `detail`."""
    status, zh, en = CODES[refusal.code]
    detail = refusal.sentence
    return {
        "type": f"urn:gongshi:error:{refusal.code}",
        "title": en if lang == "en" else zh,
        "titles": {"zh": zh, "en": en},
        "status": status,
        "detail": detail.en if lang == "en" else detail.zh,
        "details": detail.model_dump(),
        "code": refusal.code,
        "instance": instance,
        "request_id": request_id.get(),
        "errors": [told(fault) for fault in refusal.faults],
        **refusal.more,
    }


def told(fault: Fault) -> dict[str, Any]:
    """One fault as a member of `errors`."""
    return {
        "code": fault.code,
        "pointer": fault.pointer,
        "path": fault.path,
        "found": fault.found,
        "expected": fault.expected.model_dump(),
    }
