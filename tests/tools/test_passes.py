import contextlib

import passes
import pytest
from passes import Outcome, Pass


def outcome(name: str, state: str, **more: object) -> Outcome:
    return Outcome(name, state, "3 passed in 1.00s", 1.0, **more)  # type: ignore[arg-type]


def test_report_names_each_pass_and_what_would_install_the_rest() -> None:
    outcomes = [
        outcome("sqlite", "passed"),
        outcome("postgres", "left out", package="postgresql"),
        outcome("browser", "left out", package="chromium fonts-noto-cjk"),
    ]

    text = passes.report(outcomes, ci=False)

    assert [line.split()[0] for line in text.splitlines()[3:6]] == ["sqlite", "postgres", "browser"]
    assert "apt-get install -y postgresql chromium fonts-noto-cjk" in text
    assert "CI=true" not in text


def test_report_says_that_ci_wants_every_pass() -> None:
    assert "CI=true" in passes.report([outcome("redis", "left out")], ci=True)


@pytest.mark.parametrize(("ci", "failed"), [("", False), ("true", True)])
def test_a_pass_left_out_fails_in_ci_only(
    monkeypatch: pytest.MonkeyPatch, ci: str, failed: bool
) -> None:
    monkeypatch.setenv("CI", ci)

    found = passes._run(Pass("redis", "redis", None, "redis-server"), [])

    assert (found.state, found.failed) == ("left out", failed)
    assert found.package == "redis-server"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("==== 3 failed, 12 passed in 4.51s ====", "3 failed, 12 passed in 4.51s"),
        (
            "== 894 passed, 1 skipped in 129.88s (0:02:09) ==",
            "894 passed, 1 skipped in 129.88s (0:02:09)",
        ),
        ("====== no tests ran in 0.10s ======", "no tests ran in 0.10s"),
        ("tests/a.py ....  [100%]", None),
    ],
)
def test_summary_line_is_recognised(line: str, found: str | None) -> None:
    match = passes.SUMMARY_LINE.match(line)

    assert (match[1] if match else None) == found


def test_a_pass_sees_nothing_of_the_portal_s_own_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """DATABASE_URL of a real portal must never reach a pass that did not ask for it."""
    seen: dict[str, str] = {}

    def popen(command: list[str], **options: object) -> object:
        seen.update(options["env"])  # type: ignore[call-overload]
        raise RuntimeError("far enough")

    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@real.example/portal")
    monkeypatch.setenv("PORTAL_MODE", "production")
    monkeypatch.setattr(passes.subprocess, "Popen", popen)

    with contextlib.suppress(RuntimeError):
        passes._pytest(Pass("redis", "redis", None), {"REDIS_URL": "redis://here"}, [])

    assert "DATABASE_URL" not in seen
    assert "PORTAL_MODE" not in seen
    assert seen["REDIS_URL"] == "redis://here"
