"""Messages to outside: to listed places only, signed, short and without names."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from sanneng.core import outbound
from sanneng.core.clock import today
from sanneng.core.domain.chat import remove_robot, send_standings, set_robot, try_robot
from sanneng.core.domain.deadlines import set_deadline
from sanneng.core.enums import ChatKind, Role
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import AuditEntry, ChatRobot
from sanneng.core.outbound import NotSent, destination_of, send_message
from sanneng.core.sealing import seal, unseal

SECRET = "SEC-a-secret-of-the-robot"


class Listener:
    """A chat service on this machine that keeps what it is sent."""

    def __init__(self):
        self.hits, self.status, self.headers, self.wait = [], 200, {}, 0.0
        self.answer = {"errcode": 0, "errmsg": "ok"}
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                listener.hits.append((self.path, json.loads(self.rfile.read(length))))
                time.sleep(listener.wait)
                self.send_response(listener.status)
                for name, value in listener.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(listener.answer).encode())

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.place}/robot/send?access_token=KEY"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def listed(listener, settings):
    settings.OUTBOUND_HOSTS = [listener.place]
    return listener


@pytest.fixture
def administrator(member):
    return member(Role.ADMINISTRATOR)


def send(address, kind=ChatKind.WECOM, secret=""):
    send_message(kind, address=address, secret=secret, text="您好")


def test_a_message_arrives_at_a_listed_place(listed):
    send(listed.url)
    assert listed.hits == [
        ("/robot/send?access_token=KEY", {"msgtype": "text", "text": {"content": "您好"}})
    ]


def test_dingtalk_is_signed(listed):
    send(listed.url, ChatKind.DINGTALK, SECRET)
    ((path, _content),) = listed.hits
    query = parse_qs(urlsplit(path).query)
    at = query["timestamp"][0]
    mac = hmac.new(SECRET.encode(), f"{at}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(mac).decode()]
    assert query["access_token"] == ["KEY"]
    assert abs(int(at) / 1000 - time.time()) < 60


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/robot", "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "https://qyapi.weixin.qq.com:8443/x", "https://qyapi.weixin.qq.com@example.com/",
        "https://qyapi.weixin.qq.com.example.com/", "https://oapi.dingtalk.com.", "file:///etc/passwd",
        "https://u:p@oapi.dingtalk.com/", "https://169.254.169.254/latest", "gopher://oapi.dingtalk.com/",
        "https://[::1]/", "//oapi.dingtalk.com", "", "https://oapi.dingtalk.com:bad/",
    ],
)  # fmt: skip
def test_other_places_are_refused(address):
    with pytest.raises(NotSent):
        destination_of(address)


def test_the_services_themselves_are_allowed():
    for address in (
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "https://oapi.dingtalk.com/robot/send?access_token=1",
    ):
        assert destination_of(address).port == 443


def test_a_place_on_this_machine_is_refused_unless_it_is_listed(listener):
    with pytest.raises(NotSent):
        send(listener.url)
    assert listener.hits == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "169.254.1.1", "100.64.0.1", "::ffff:10.0.0.1"],
)
def test_a_public_name_that_leads_inside_is_refused(listener, monkeypatch, address):
    """As where somebody else answers for the name."""
    port = listener.server.server_port
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", (address, port))])
    with pytest.raises(NotSent, match="内部地址"):
        send("https://oapi.dingtalk.com/robot/send")
    assert listener.hits == []


def test_plain_http_is_for_listed_places_on_this_machine_only(settings):
    settings.OUTBOUND_HOSTS = ["chat.example.cn:80"]
    with pytest.raises(NotSent, match="https"):
        destination_of("http://chat.example.cn/")


def test_no_redirect_is_followed(listed):
    listed.status, listed.headers = 302, {"Location": f"http://{listed.place}/elsewhere"}
    with pytest.raises(NotSent, match="302"):
        send(listed.url)
    assert [path for path, _content in listed.hits] == ["/robot/send?access_token=KEY"]


def test_a_slow_service_is_given_up(listed, monkeypatch):
    monkeypatch.setattr(outbound, "TIMEOUT", 0.3)
    listed.wait = 1
    began = time.monotonic()
    with pytest.raises(NotSent, match="太慢"):
        send(listed.url)
    assert time.monotonic() - began < 0.9


def test_what_the_service_complains_of_is_told(listed):
    listed.answer = {"errcode": 93000, "errmsg": "invalid webhook url"}
    with pytest.raises(NotSent, match="invalid webhook url"):
        send(listed.url)
    listed.answer = ["not", "what", "we", "know"]
    with pytest.raises(NotSent):
        send(listed.url)


def test_a_sealed_secret_opens_for_its_purpose_and_key_only(settings):
    sealed = seal(SECRET, purpose="a")
    assert SECRET not in sealed
    assert unseal(sealed, purpose="a") == SECRET
    for change in (
        lambda: unseal(sealed, purpose="b"),
        lambda: unseal(sealed[:-4] + "AAAA", purpose="a"),
    ):
        with pytest.raises(SannengError):
            change()
    settings.SECRET_KEY = "another" * 9
    with pytest.raises(SannengError):
        unseal(sealed, purpose="a")


def test_only_the_administrator_sets_robots(db, school, office, administrator, listed):
    options = {"school": school, "kind": ChatKind.DINGTALK, "address": listed.url, "is_on": True}
    with pytest.raises(NotAllowed):
        set_robot(**options, secret=SECRET, by=office)
    robot = set_robot(**options, secret=SECRET, by=administrator)
    assert "KEY" not in robot.address
    assert SECRET not in robot.secret
    details = json.dumps([entry.details for entry in AuditEntry.objects.all()])
    assert "KEY" not in details
    assert SECRET not in details
    for step in (try_robot, remove_robot):
        with pytest.raises(NotAllowed):
            step(robot=robot, by=office)
    try_robot(robot=robot, by=administrator)
    assert len(listed.hits) == 1
    remove_robot(robot=robot, by=administrator)
    assert ChatRobot.objects.count() == 0


def test_an_address_that_is_not_allowed_is_not_kept(db, school, administrator):
    with pytest.raises(NotSent):
        set_robot(school=school, kind=ChatKind.WECOM, address="https://example.com/", secret="", is_on=True, by=administrator)  # fmt: skip
    assert ChatRobot.objects.count() == 0


def test_a_group_learns_numbers_and_no_names_once_a_day(
    db, school, other_school, member, administrator, office, listed
):
    owner = member(Role.TEACHER)
    owner.display_name = "张三丰"
    owner.save()
    robot = {"kind": ChatKind.WECOM, "address": listed.url, "secret": "", "by": administrator}
    set_robot(school=school, is_on=True, **robot)
    assert send_standings() == 0
    for days in (-3, -1, 5):
        set_deadline(
            school=school, code=str(days), title="秘密事项", owner=owner,
            due_on=today() + dt.timedelta(days=days), by=office,
        )  # fmt: skip
    assert (send_standings(), send_standings()) == (1, 0)
    ((_path, content),) = listed.hits
    text = content["text"]["content"]
    assert ("2 项工作逾期" in text, "1 项 7 天内到期" in text) == (True, True)
    assert "张三" not in text
    assert "秘密" not in text
    ChatRobot.objects.update(last_sent_at=None, is_on=False)
    assert send_standings() == 0


def test_a_failure_is_kept_for_the_administrator(db, school, administrator, office, member, listed):
    set_robot(school=school, kind=ChatKind.WECOM, address=listed.url, secret="", is_on=True, by=administrator)  # fmt: skip
    set_deadline(school=school, code="x", title="事", owner=office, due_on=today(), by=None)
    listed.status = 500
    assert send_standings() == 0
    assert "500" in ChatRobot.objects.get().last_error
