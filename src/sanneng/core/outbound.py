"""Messages to services outside: the only way out of the installation beside e-mail.

Hosts are on a list, connections are encrypted, and nothing is followed: an answer that sends
us elsewhere is a failure. The address is looked up once, judged, and that very address is
connected to, so that a name cannot point to one place when judged and to another when used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from sanneng.core.enums import ChatKind
from sanneng.core.errors import SannengError

PUBLIC_HOSTS = frozenset({"qyapi.weixin.qq.com", "oapi.dingtalk.com"})
TIMEOUT = 5.0  # seconds, for everything together
MAX_ANSWER = 64 * 1024  # bytes


class NotSent(SannengError):
    """A message that did not get out, or was not taken."""

    code = "not_sent"


class Chat(Protocol):
    """How a chat service wants its messages."""

    host: str

    def request(self, address: str, secret: str, text: str) -> tuple[str, dict[str, Any]]:
        """The address to post to, and what."""

    def complaint(self, answer: dict[str, Any]) -> str:
        """What the service says is wrong; empty where it took the message."""


class WeCom:
    host = "qyapi.weixin.qq.com"

    def request(self, address: str, secret: str, text: str) -> tuple[str, dict[str, Any]]:
        return address, {"msgtype": "text", "text": {"content": text}}

    def complaint(self, answer: dict[str, Any]) -> str:
        return "" if answer.get("errcode") == 0 else str(answer.get("errmsg", ""))[:100] or "?"


class DingTalk(WeCom):
    host = "oapi.dingtalk.com"

    def request(self, address: str, secret: str, text: str) -> tuple[str, dict[str, Any]]:
        """With a secret, the address carries the time in milliseconds and its HMAC-SHA256."""
        if secret:
            at = str(int(time.time() * 1000))
            mac = hmac.new(secret.encode(), f"{at}\n{secret}".encode(), hashlib.sha256).digest()
            signature = urlencode({"timestamp": at, "sign": base64.b64encode(mac).decode()})
            address += ("&" if urlsplit(address).query else "?") + signature
        return super().request(address, secret, text)


CHATS: dict[ChatKind, Chat] = {ChatKind.WECOM: WeCom(), ChatKind.DINGTALK: DingTalk()}


@dataclass(frozen=True)
class Destination:
    """A place that may be connected to; ``is_listed`` where the installation names it itself."""

    parts: SplitResult
    port: int
    is_listed: bool

    @property
    def host(self) -> str:
        assert self.parts.hostname is not None
        return self.parts.hostname


def send_message(kind: ChatKind, *, address: str, secret: str, text: str) -> None:
    """Post ``text`` to the robot at ``address``. Raises NotSent, with what to do."""
    chat = CHATS[kind]
    full, content = chat.request(address, secret, text)
    answer = _post(destination_of(full), content)
    if complaint := chat.complaint(answer):
        raise NotSent(
            _("对方没有收下消息：{complaint}。请核对机器人地址和密钥。").format(complaint=complaint)
        )


def destination_of(address: str) -> Destination:
    """Where ``address`` leads, if that is allowed. Raises NotSent for anything not on the list."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        raise NotSent(_("机器人地址写得不对，请从群机器人的设置里完整复制。")) from None
    host = parts.hostname or ""
    listed = {one.lower() for one in settings.OUTBOUND_HOSTS}
    name = f"[{host}]" if ":" in host else host
    is_listed = f"{name}:{port}" in listed or (port == 443 and name in listed)
    if not is_listed and (host not in PUBLIC_HOSTS or port != 443):
        raise NotSent(
            _(
                "不允许向“{host}”发送。只能用企业微信、钉钉的机器人地址，其他地址请管理员先列入允许名单。"
            ).format(host=host or address[:40])
        )
    if parts.username or parts.password or parts.scheme not in ("https", "http"):
        raise NotSent(_("机器人地址写得不对，请从群机器人的设置里完整复制。"))
    if parts.scheme == "http" and not (is_listed and _is_loopback(host)):
        raise NotSent(_("机器人地址必须以 https:// 开头。"))
    return Destination(parts, port, is_listed)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address_of(place: Destination) -> str:
    """The first address of the host, which has to be public unless the host is listed."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotSent(
            _("找不到“{host}”，请检查服务器能否上网。").format(host=place.host)
        ) from error
    addresses = [str(one[4][0]) for one in found]
    for one in addresses:
        if not place.is_listed and not ipaddress.ip_address(one.partition("%")[0]).is_global:
            raise NotSent(_("“{host}”指向内部地址，不能发送。").format(host=place.host))
    return addresses[0]


class _Connection(http.client.HTTPConnection):
    """To one address that was judged before, whatever the name says by now."""

    def __init__(self, place: Destination, address: str) -> None:
        super().__init__(place.host, place.port, timeout=TIMEOUT)
        self.place, self.address = place, address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.place.port), TIMEOUT)
        if self.place.parts.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.place.host)


def _post(place: Destination, content: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + TIMEOUT
    connection = _Connection(place, _address_of(place))
    path = (place.parts.path or "/") + (f"?{place.parts.query}" if place.parts.query else "")
    try:
        connection.request(
            "POST",
            path,
            json.dumps(content, ensure_ascii=False).encode(),
            {"Content-Type": "application/json; charset=utf-8"},
        )
        response = connection.getresponse()
        if response.status != 200:
            raise NotSent(
                _("对方回答 {status}，消息没有发出。请核对机器人地址。").format(
                    status=response.status
                )
            )
        answer = json.loads(_read(response, until))
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(_("连不上对方或对方太慢，请稍后再试。")) from error
    except ValueError as error:
        raise NotSent(_("对方的回答看不懂，请核对机器人地址。")) from error
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


def _read(response: http.client.HTTPResponse, until: float) -> bytes:
    """The answer, as far as it is short and comes in time."""
    pieces: list[bytes] = []
    while piece := response.read1(4096):
        pieces.append(piece)
        if time.monotonic() > until:
            raise TimeoutError
        if sum(map(len, pieces)) > MAX_ANSWER:
            raise ValueError("too long")
    return b"".join(pieces)
