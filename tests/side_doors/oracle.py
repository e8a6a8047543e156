"""Who may see and who may do what, said a second time.

Written from docs/guides/roles.md, the policy and design idea 6; it asks neither `roster.scope` nor
the tables of `roster.roles`, and knows no database: persons and things are plain values.
"""

from __future__ import annotations

from dataclasses import dataclass

PROVINCE = "130000"
SHIJIAZHUANG, TANGSHAN, BAODING, XIONGAN = "130100", "130200", "130600", "XIONGAN"
CHANGAN, QIAOXI, LUNAN = "130102", "130104", "130202"
DINGZHOU, XINJI, RONGCHENG = "130682", "130181", "130629"

ABOVE = {
    SHIJIAZHUANG: PROVINCE, TANGSHAN: PROVINCE, BAODING: PROVINCE, XIONGAN: PROVINCE,
    CHANGAN: SHIJIAZHUANG, QIAOXI: SHIJIAZHUANG, LUNAN: TANGSHAN,
    DINGZHOU: PROVINCE, XINJI: PROVINCE, RONGCHENG: XIONGAN,
}  # fmt: skip
"""To whom a unit reports. 定州 and 辛集 report to the province, 容城 to 雄安 (G16)."""


def within(region: str | None, unit: str) -> bool:
    """Whether a region is a unit's own or reports to it."""
    while region is not None and region != unit:
        region = ABOVE.get(region)
    return region is not None


# --- people -----------------------------------------------------------------------------------

LEAD, DEPARTMENT = "lead", "department"
CLERKS = {"lead_clerk", "department_clerk"}
APPROVERS = {"lead_approver", "department_approver"}
INSPECTING = {"inspection_supervisor", "inspector"}
BUSINESS = CLERKS | APPROVERS | INSPECTING | {"reader"}
SEES_RECORDS = CLERKS | APPROVERS | {"reader"}
ADMINISTRATORS = {"system_admin", "security_admin", "audit_admin"}
SEES_CASES = CLERKS | APPROVERS
ASKED_TO = {
    "handle_cases": {"lead_clerk"},
    "decide_cases": {"lead_approver"},
    "verify_cases": CLERKS | {"department_approver"},
}
"""What people of an office are told something for, and whose work that is."""


@dataclass(frozen=True)
class Post:
    """A post in force: which role, in which agency of which region."""

    role: str
    region: str
    agency: str
    is_lead: bool


@dataclass(frozen=True)
class Person:
    """Somebody by account, the posts in force today, the enterprises spoken for today."""

    account: str
    posts: tuple[Post, ...] = ()
    speaks_for: frozenset[str] = frozenset()

    def with_role(self, *roles: str) -> list[Post]:
        return [post for post in self.posts if post.role in roles]

    @property
    def in_province(self) -> list[Post]:
        return [post for post in self.posts if post.region == PROVINCE]


# --- things -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Enterprise:
    """`home`: who keeps it, or last kept it; `region`: where it is registered."""

    code: str
    home: str
    region: str
    deciders: frozenset[str] = frozenset()
    """Agencies that have a live record about it."""


@dataclass(frozen=True)
class Stay:
    """A stay of an enterprise on the roster of a region."""

    enterprise: Enterprise
    roster: str


@dataclass(frozen=True)
class Record:
    enterprise: Enterprise
    authority: str
    authority_region: str
    recorded_by: str = ""


@dataclass(frozen=True)
class Proposal:
    """A correction that waits, of a record, or of an enterprise's registration."""

    about: Record | Enterprise
    proposed_by: str


@dataclass(frozen=True)
class Part:
    roster: str
    published: bool
    reviewed_by: str = ""
    asked_by: str = ""
    """Who asked to give it up."""


@dataclass(frozen=True)
class Run:
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Rating:
    enterprise: Enterprise
    part: Part


@dataclass(frozen=True)
class Batch:
    """A file: for which topic ("roster" or "records"), of which agencies; of none when it was
    loaded at the server. asked_by: who asked to take it back."""

    topic: str
    agencies: frozenset[str]
    uploader: str
    asked_by: str = ""


@dataclass(frozen=True)
class Event:
    """An event and where it happened; without a place of its own: where the person was posted."""

    regions: frozenset[str]


@dataclass(frozen=True)
class Account:
    """`places`: regions of all posts, present, coming and former. `homes`: the regions that look
    after it now; the province for a representative and for what it opened itself."""

    account: str
    places: frozenset[str]
    homes: frozenset[str]


@dataclass(frozen=True)
class Posting:
    account: str
    region: str


@dataclass(frozen=True)
class Representation:
    account: str


@dataclass(frozen=True)
class Request:
    """Somebody's request to speak for an enterprise; of one that nobody keeps the province's."""

    home: str


@dataclass(frozen=True)
class Case:
    """An enterprise's application; `unit` decides it, wherever the enterprise has gone since.
    verified_by: who found what is decided on. apart: who had a part in what it reviews."""

    enterprise: Enterprise
    unit: str
    verified_by: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verification:
    """What a department is asked about the records it decided on."""

    case: Case
    agency: str
    region: str


@dataclass(frozen=True)
class Notice:
    """To an enterprise, to an agency's people for some work, or to one person."""

    enterprise: str = ""
    agency: str = ""
    work: str = ""
    account: str = ""


@dataclass(frozen=True)
class Letter:
    """What the unit `region` wrote to an enterprise."""

    enterprise: str
    region: str


@dataclass(frozen=True)
class Draft:
    """What somebody has begun to fill in for an enterprise."""

    enterprise: str
    account: str


@dataclass(frozen=True)
class Reference:
    """A row of a table that is one for the whole province; a draft is not part of it yet."""

    is_draft: bool = False


Thing = (
    Enterprise | Stay | Record | Proposal | Part | Run | Rating | Batch | Event | Account
    | Posting | Representation | Request | Case | Verification | Notice | Letter | Draft | Reference
)  # fmt: skip

# --- who sees what ----------------------------------------------------------------------------


def sees(person: Person, thing: Thing) -> bool:
    """Whether a thing may show anywhere on the desk of a person."""
    match thing:
        case Enterprise():
            return any(_enterprise(post, thing) for post in person.with_role(*BUSINESS))
        case Stay():
            return any(_stay(post, thing) for post in person.with_role(*BUSINESS))
        case Record():
            return any(_record(post, thing) for post in person.with_role(*SEES_RECORDS))
        case Proposal(about=Record() as record):
            return sees(person, record)
        case Proposal(about=Enterprise() as enterprise):
            leads = [post for post in person.with_role(*SEES_RECORDS) if post.is_lead]
            return any(within(enterprise.home, post.region) for post in leads)
        case Part():
            return any(_part(post, thing) for post in person.with_role(*BUSINESS))
        case Run():
            return any(sees(person, part) for part in thing.parts)
        case Rating():
            return _rating(person, thing)
        case Batch():
            return any(_batch(person, post, thing) for post in person.posts)
        case Event():
            return any(
                post.region == PROVINCE or any(within(one, post.region) for one in thing.regions)
                for post in person.with_role("audit_admin")
            )
        case Account():
            return any(
                post.region == PROVINCE or any(within(one, post.region) for one in thing.places)
                for post in person.with_role("security_admin")
            )
        case Posting():
            security = person.with_role("security_admin")
            return any(within(thing.region, post.region) for post in security)
        case Representation():
            return any(post.region == PROVINCE for post in person.with_role("security_admin"))
        case Request():
            return any(post.region == thing.home for post in _clerks_of_lead(person))
        case Case():
            return any(within(thing.unit, post.region) for post in _clerks_of_lead(person))
        case Verification():
            return sees(person, thing.case) or any(
                _asked(post, thing) for post in person.with_role(*SEES_CASES)
            )
        case Notice():
            posts = person.with_role(*ASKED_TO.get(thing.work, ()))
            told = any(post.agency == thing.agency for post in posts)
            return bool(person.with_role(*SEES_CASES)) and (told or thing.account == person.account)
        case Letter():
            return any(within(thing.region, post.region) for post in _clerks_of_lead(person))
        case Draft():
            return False
        case Reference():
            return bool(person.posts) if not thing.is_draft else _drafts(person)


def _clerks_of_lead(person: Person) -> list[Post]:
    return person.with_role("lead_clerk", "lead_approver")


def owns(person: Person, thing: Thing) -> bool:
    """Whether a thing may show on the pages of the enterprises a person speaks for."""
    match thing:
        case Enterprise():
            return thing.code in person.speaks_for
        case Record() | Case() | Rating():
            return thing.enterprise.code in person.speaks_for
        case Letter() | Notice():
            return thing.enterprise in person.speaks_for
        case Draft():
            return thing.enterprise in person.speaks_for and thing.account == person.account
    return False


def _asked(post: Post, thing: Verification) -> bool:
    """The department itself, and the lead agency that gathers its information."""
    return post.agency == thing.agency or (post.is_lead and post.region == thing.region)


def _enterprise(post: Post, enterprise: Enterprise) -> bool:
    """牵头部门能看本级和下级的名录; 监管部门能看本区域内的企业."""
    return within(enterprise.home if post.is_lead else enterprise.region, post.region)


def _stay(post: Post, stay: Stay) -> bool:
    return within(stay.roster if post.is_lead else stay.enterprise.region, post.region)


def _record(post: Post, record: Record) -> bool:
    """Lead agencies: of their rosters, and of the authorities whose information they gather;
    departments: what they decided themselves."""
    if not post.is_lead:
        return post.agency == record.authority
    return within(record.enterprise.home, post.region) or within(
        record.authority_region, post.region
    )


def _part(post: Post, part: Part) -> bool:
    """Before publication a result is the lead agencies' alone."""
    return within(part.roster, post.region) and (post.is_lead or part.published)


def _rating(person: Person, rating: Rating) -> bool:
    """Who keeps the enterprise, who supervises it where it is registered, who decided something
    about it, and the levels above."""
    posts = person.with_role(*BUSINESS)
    own = any(within(rating.part.roster, post.region) for post in posts if post.is_lead)
    if not (rating.part.published or own):
        return False
    return sees(person, rating.enterprise) or any(
        post.agency in rating.enterprise.deciders for post in posts
    )


def _batch(person: Person, post: Post, batch: Batch) -> bool:
    """报送的文件，只有所属机构中有相应权限的人能看. What somebody of several agencies sent is of all of
    them, and nobody else's of one of them to see."""
    roles = SEES_RECORDS if batch.topic == "records" else BUSINESS
    if not batch.agencies:
        return post.role in roles and _leads_province(post)
    own = batch.agencies == {post.agency} or batch.uploader == person.account
    return own and post.role in roles and post.agency in batch.agencies


def _leads_province(post: Post) -> bool:
    return post.is_lead and post.region == PROVINCE


def _drafts(person: Person) -> bool:
    return any(post.region == PROVINCE for post in person.with_role("lead_clerk"))


# --- who does what ----------------------------------------------------------------------------

PROVINCIAL = {"edit_standard": "lead_clerk", "keep_reference": "system_admin"}


def may(person: Person, act: str, thing: Thing | None = None) -> bool:
    """Whether a person may do an act to a thing, or to nothing in particular."""
    if act in PROVINCIAL:
        return any(post.region == PROVINCE for post in person.with_role(PROVINCIAL[act]))
    if act == "represent":
        return any(post.region == PROVINCE for post in person.with_role("security_admin"))
    match act, thing:
        case "keep_roster", Enterprise():
            return any(post.region == thing.home for post in person.with_role("lead_clerk"))
        case "give_record" | "correct_record", Record():
            return any(_competent(post, thing) for post in person.with_role(*CLERKS))
        case "confirm_consequence", Record():
            approvers = person.with_role(*APPROVERS)
            own = thing.recorded_by == person.account
            return any(_competent(post, thing) for post in approvers) and not own
        case "decide_request", Request():
            return sees(person, thing)
        case "handle_case", Case():
            own = any(post.region == thing.unit for post in person.with_role("lead_clerk"))
            return own and person.account not in thing.apart
        case "decide_case", Case():
            own = any(post.region == thing.unit for post in person.with_role("lead_approver"))
            partial = thing.verified_by | thing.apart
            return own and person.account not in partial and not owns(person, thing)
        case "send_back_case", Case():
            own = any(post.region == thing.unit for post in person.with_role("lead_approver"))
            return own and person.account not in thing.apart and not owns(person, thing)
        case "answer_case", Verification():
            answerers = person.with_role(*ASKED_TO["verify_cases"])
            return any(_asked(post, thing) for post in answerers)
        case "own", _:
            return thing is not None and owns(person, thing)
        case "read", Notice():
            return sees(person, thing)
        case "decide", Proposal():
            own = thing.proposed_by == person.account
            return not own and any(_decides(post, thing) for post in person.with_role(*APPROVERS))
        case "review", Part():
            reviewers = person.with_role("lead_clerk", "lead_approver")
            return any(post.region == thing.roster for post in reviewers)
        case "publish", Part():
            own = thing.reviewed_by == person.account
            approvers = person.with_role("lead_approver")
            return not own and any(post.region == thing.roster for post in approvers)
        case "confirm_file", Batch():
            roles = {"lead_clerk"} if thing.topic == "roster" else CLERKS
            return thing.uploader == person.account and bool(person.with_role(*roles))
        case "ask_back", Batch():
            clerks = {"lead_clerk"} if thing.topic == "roster" else CLERKS
            return sees(person, thing) and bool(person.with_role(*clerks))
        case "decide_back", Batch():
            approvers = [post for post in person.with_role(*APPROVERS) if _of_unit(post, thing)]
            other = thing.asked_by != person.account
            return sees(person, thing) and (
                bool(approvers) if other else may(person, "ask_back", thing)
            )
        case "look_after", Account():
            security = person.with_role("security_admin")
            return any(all(within(one, post.region) for one in thing.homes) for post in security)
        case "end_post", Posting():
            security = person.with_role("security_admin")
            own = thing.account == person.account
            return not own and any(within(thing.region, post.region) for post in security)
    raise LookupError(f"Nobody has said who may {act} {thing!r}.")


def _of_unit(post: Post, batch: Batch) -> bool:
    return post.agency in batch.agencies if batch.agencies else _leads_province(post)


def _competent(post: Post, record: Record) -> bool:
    """The deciding authority, or the lead agency of the same region."""
    if post.is_lead:
        return post.region == record.authority_region
    return post.agency == record.authority


def _decides(post: Post, proposal: Proposal) -> bool:
    if isinstance(proposal.about, Record):
        return _competent(post, proposal.about)
    return post.is_lead and post.region == proposal.about.home


# --- what a thing shows -----------------------------------------------------------------------


@dataclass(frozen=True)
class Placed:
    """A thing as it stands in the portal: table, key, and the texts by which it is known on a page.

    A text may stand for several things; who sees one of them may read it.
    """

    thing: Thing
    model: str
    key: str
    marks: frozenset[str]
    own_marks: frozenset[str] = frozenset()
    """Of these, those that its enterprise may read."""
