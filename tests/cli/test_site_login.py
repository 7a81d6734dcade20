# SPDX-License-Identifier: Apache-2.0
"""Files of a site whose users log in at another host, as at NASA's archives."""
import json
import os
import subprocess
import sys
from pathlib import Path

import netCDF4
import pytest
import requests

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))
from started import Started  # noqa: E402

PROGRAM = Path(os.environ.get("RASTREAM", HERE.parents[1] / "build/release/rastream")).resolve()
PASSWORD = "canary-passw0rd"


class Session:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.site, self.login = server.url("site"), f"http://127.0.0.2:{server.ports['login']}"
        self.environment = os.environ | {"RASTREAM_CREDENTIALS": str(folder / "credentials.json")}
        self.configure(PASSWORD, [self.site + "/"])

    def configure(self, password, sites):
        entry = {"url": self.login + "/", "username": "me", "password": password, "sites": sites}
        file = self.folder / "credentials.json"
        file.write_text(json.dumps({"credentials": [entry]}))
        file.chmod(0o600)

    def run(self, *arguments, code=0):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        assert "canary" not in done.stdout + done.stderr
        return done

    def seen(self):
        return self.server.ask({})


@pytest.fixture
def session(tmp_path):
    archive = tmp_path / "archive"
    archive.mkdir()
    for year in (1980, 1981):
        with netCDF4.Dataset(archive / f"tmin_{year}.nc", "w") as file:
            file.createDimension("time", 365)
            file.createVariable("tmin", "f4", ("time",))[:] = year
    with Started("login_site.py", archive, "me", PASSWORD) as server:
        yield Session(server, tmp_path)


def test_the_stand_in_serves_an_outside_client_by_the_same_way(session, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text(f"machine 127.0.0.2 login me password {PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with requests.Session() as client:
        for _ in range(2):
            answer = client.get(session.site + "/protected/tmin_1980.nc", timeout=20)
            assert answer.content == (tmp_path / "archive/tmin_1980.nc").read_bytes()
    assert session.seen()["logins"] == 1


def test_files_are_copied_and_read_after_one_log_in(session):
    session.run("cp", session.site + "/protected/tmin_1980.nc", "copy.nc")
    assert (session.folder / "copy.nc").read_bytes() == (session.folder / "archive/tmin_1980.nc").read_bytes()
    assert session.seen()["logins"] == 1
    assert "tmin" in session.run("info", session.site + "/protected/tmin_1981.nc").stdout
    seen = session.seen()
    assert seen["logins"] == 2, "one a process, whatever it reads"
    assert not [field for field in seen["site"] if field.startswith("Authorization")]
    assert not [field for field in seen["login"] if field.startswith("Cookie")]


def test_assets_of_a_catalog_are_fetched_from_there(session):
    for year in (1980, 1981):
        item = {"type": "Feature", "stac_version": "1.1.0", "id": str(year), "geometry": None,
                "properties": {"datetime": f"{year}-01-01T00:00:00Z"}, "links": [],
                "assets": {"tmin": {"href": f"{session.site}/protected/tmin_{year}.nc", "type": "application/x-netcdf"}}}
        (session.folder / f"{year}.json").write_text(json.dumps(item))
    root = {"type": "Catalog", "stac_version": "1.1.0", "id": "c", "description": "two years",
            "links": [{"rel": "item", "href": f"./{year}.json"} for year in (1980, 1981)]}
    (session.folder / "catalog.json").write_text(json.dumps(root))
    session.run("stac", "copy", "catalog.json", "copies", "--workers", "1")
    for year in (1980, 1981):
        name = f"tmin_{year}.nc"
        assert (session.folder / f"copies/{year}" / name).read_bytes() == (session.folder / "archive" / name).read_bytes()
    assert session.seen()["logins"] == 1


def test_a_wrong_password_or_a_site_that_is_not_named_is_an_error_that_says_where(session):
    url = session.site + "/protected/tmin_1980.nc"
    for password, sites in (("canary-wrong", [session.site + "/"]), (PASSWORD, []), (PASSWORD, [session.site + "/other"])):
        session.configure(password, sites)
        error = session.run("cp", url, "copy.nc", code=4).stderr
        assert "status 401" in error and session.login in error
    assert not (session.folder / "copy.nc").exists() and session.seen()["logins"] == 0
