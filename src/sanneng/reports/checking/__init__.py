"""The check of any document against the records."""

from sanneng.reports.checking.check import CheckedClaim, CheckResult, check_document
from sanneng.reports.checking.verdicts import Verdict

__all__ = ["CheckResult", "CheckedClaim", "Verdict", "check_document"]
