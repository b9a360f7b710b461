"""What the background worker is asked to do; each only fetches and calls the domain."""

from __future__ import annotations

from django_tasks import task


@task()
def run_job(job: int) -> None:
    """Do the work of the job with this primary key, if it still waits for it."""
    from sanneng.core.domain.jobs import run  # domain queues tasks

    run(job)


@task()
def send_mail_of(user: int, attempt: int = 1) -> None:
    """Send ``user`` the notices that are due by e-mail."""
    from sanneng.core.domain.mail import send_due_mail  # domain queues tasks

    send_due_mail(user=user, attempt=attempt)
