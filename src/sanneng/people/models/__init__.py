from sanneng.people.models.gates import CentralTask, CentralTaskParticipation, Hire, Posting
from sanneng.people.models.staff import (
    Education,
    Employment,
    PoliticalStatus,
    Post,
    Staff,
    Title,
)

__all__ = [
    "CentralTask",
    "CentralTaskParticipation",
    "Education",
    "Employment",
    "Hire",
    "PoliticalStatus",
    "Post",
    "Posting",
    "Staff",
    "Title",
]
