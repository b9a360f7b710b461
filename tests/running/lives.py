"""Something to keep: a school, its people, records with evidence, a report."""

SEED = """
import datetime as dt, io
from django.contrib.auth.models import Group
from sanneng.core.domain.corrections import propose_correction
from sanneng.core.domain.evidence import attach_file, hand_in_file
from sanneng.core.domain.records import approve_record, submit_record
from sanneng.core.models import Membership, School, User
from sanneng.people.models import Employment, Staff
from sanneng.reports.library import freeze_report, make_report
from sanneng.reports.rendering import DEFAULT_TEMPLATE
from sanneng.research.models import Project
PASSWORD = 'correct horse battery'
city = School.objects.create(code="city", name="市委党校", level="city")
school = School.objects.create(code="east", name="东区党校", level="district", parent=city)
people = {}
for role in ("teacher", "office"):
    people[role] = User.objects.create_user(role, password=PASSWORD if role == "teacher" else None)
    Membership.objects.create(user=people[role], school=school, role=role, valid_from=dt.date(2020, 1, 1))
people["teacher"].groups.add(Group.objects.create(name="组"))
for number in range(30):
    staff = Staff.objects.create(school=school, key=f"S{number}", name=f"人{number}䶮",
        birth_date=dt.date(1980, 1, 1), created_by=people["office"], state="approved")
    Employment.objects.create(school=school, key=f"E{number}", staff=staff, kind="full_time",
        start_on=dt.date(2010, 1, 1), state="approved", establishment="institution")
for number in range(5):
    project = Project.objects.create(school=school, key=f"P{number}", title=f"题{number}",
        level="city", approved_on=dt.date(2022, 3, 1), created_by=people["teacher"])
    hand_in_file(record=project, source=io.BytesIO(b"%PDF-1.7 " + bytes([number]) * 9000),
        name="立项通知.pdf", by=people["teacher"])
    submit_record(record=project, by=people["teacher"])
    approve_record(record=project, by=people["office"])
propose_correction(record=project, values={"title": "改"}, by=people["teacher"], reason="笔误", version=project.version)
report = make_report(template=DEFAULT_TEMPLATE, school=school, as_of=dt.date(2023, 6, 30), by=people["office"])
freeze_report(report=report, by=people["office"])
"""

# What an installation holds, without anything about how: rows, files, log-in, audit chain.
FINGERPRINT = """
import json
from django.contrib.auth import authenticate
from sanneng.core.domain.audit import heads, verify
from sanneng.running.ledger import witnesses
from sanneng.running.rows import digest_of_rows, kept_models
from sanneng.running.stores import named_files
import hashlib
rows = {model._meta.label_lower: digest_of_rows(model) for model in kept_models()
        if model._meta.label_lower not in ("core.auditentry", "core.audithead", "core.user")}
files = {digest: hashlib.sha256(path.read_bytes()).hexdigest() for _s, digest, path in named_files()}
assert all(digest == found for digest, found in files.items())
print(json.dumps({
    "rows": rows, "files": sorted(files), "heads": [head for head in heads() if head[0]],
    "log_in": authenticate(username="teacher", password="correct horse battery") is not None,
    "faults": [str(fault) for fault in verify(witnesses())],
}))
"""
