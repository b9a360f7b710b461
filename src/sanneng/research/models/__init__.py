from sanneng.research.models.challenges import ChallengeClaim, ChallengeTopic
from sanneng.research.models.outputs import (
    AdvisoryReport,
    Instruction,
    Publication,
    PublicationAuthor,
    Seminar,
    SeminarContribution,
)
from sanneng.research.models.projects import Project, ProjectMember

__all__ = [
    "AdvisoryReport",
    "ChallengeClaim",
    "ChallengeTopic",
    "Instruction",
    "Project",
    "ProjectMember",
    "Publication",
    "PublicationAuthor",
    "Seminar",
    "SeminarContribution",
]
