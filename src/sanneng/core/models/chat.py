from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import ChatKind
from sanneng.core.models.school import School


class ChatRobot(models.Model):
    """A robot in a school's group chat, to which short messages without personal data go.

    ``address`` carries the robot's key, and ``secret`` signs: neither is shown again, and both
    are kept sealed (``core.sealing``).
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="chat_robots")
    kind = models.CharField(_("服务"), max_length=16, choices=ChatKind.choices)
    address = models.TextField(_("机器人地址"))
    secret = models.TextField(_("加签密钥"), blank=True)
    is_on = models.BooleanField(_("启用"), default=False)
    last_error = models.CharField(max_length=300, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("群机器人")
        verbose_name_plural = _("群机器人")
        constraints = (
            models.UniqueConstraint(name="core_chatrobot_once", fields=("school", "kind")),
        )

    def __str__(self) -> str:
        return f"{self.school} · {self.get_kind_display()}"
