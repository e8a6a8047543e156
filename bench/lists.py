"""What the lists of the admin cost on a full database, for officers of a county, a city, the province.

    DATABASE_URL=postgresql://… python bench/lists.py

On a database filled by bench/generate.py with a published run. It adds four accounts to it. Prints
for every list the first and the best time of four and the number of queries. By hand only.
"""

from __future__ import annotations

import datetime as dt
import time

from portal import start

start()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roster.models import Agency, Posting, User

COUNTY, CITY, PROVINCE = "130102", "130100", "130000"
LISTS = (
    "grading/rating/", "grading/rating/?grade=D", "grading/rating/?grade=C&p=3",
    "grading/rating/?rule=severe_listed", "grading/rating/?q=科技", "grading/rating/?q=漪帆",
    f"grading/rating/?region={COUNTY}", "roster/enterprise/", "records/record/", "",
)  # fmt: skip
TIMES = 4


def officers() -> dict[str, User]:
    leads = {region: _lead(region) for region in (COUNTY, CITY, PROVINCE)}
    department = Agency.objects.filter(region=COUNTY).exclude(kind="lead").order_by("pk")[0]
    found = {region: _officer(f"bench-{region}", agency, "lead_approver")
             for region, agency in leads.items()}  # fmt: skip
    return found | {"department": _officer("bench-department", department, "department_clerk")}


def _lead(region: str) -> Agency:
    return Agency.objects.filter(region=region, kind="lead").order_by("pk")[0]


def _officer(username: str, agency: Agency, role: str) -> User:
    user, is_new = User.objects.get_or_create(username=username)
    if is_new:
        Posting.objects.create(user=user, agency=agency, role=role, since=dt.date(2020, 1, 1))
    return user


def main() -> None:
    settings.ALLOWED_HOSTS = ["*"]
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"] = {"BACKEND": plain}
    for who, user in officers().items():
        client = Client()
        client.force_login(user)
        for path in LISTS:
            seconds = []
            for _ in range(TIMES):
                begun = time.perf_counter()
                assert client.get(f"/admin/{path}").status_code == 200
                seconds.append(time.perf_counter() - begun)
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/admin/{path}")
            first, best = seconds[0] * 1000, min(seconds[1:]) * 1000
            print(f"{who:10} {path:38} {first:5.0f} ms {best:5.0f} ms {len(queries):3} queries")


if __name__ == "__main__":
    main()
