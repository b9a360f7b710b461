from sanneng.teaching.models.classes import (
    AdvisorTerm,
    FacultyTraining,
    FacultyTrainingAttendance,
    Listening,
    Trainee,
    TrainingClass,
)
from sanneng.teaching.models.courses import (
    Award,
    Course,
    CourseStage,
    LessonStudy,
    PlatformPublication,
    Presentation,
)
from sanneng.teaching.models.practice import Expert, ExpertVisit, FieldStudy, OutreachLecture

__all__ = [
    "AdvisorTerm",
    "Award",
    "Course",
    "CourseStage",
    "Expert",
    "ExpertVisit",
    "FacultyTraining",
    "FacultyTrainingAttendance",
    "FieldStudy",
    "LessonStudy",
    "Listening",
    "OutreachLecture",
    "PlatformPublication",
    "Presentation",
    "Trainee",
    "TrainingClass",
]
