"""The report in Python, and the page in a real browser."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb

UNTIL, AT = "2024-10-01", "2025-01-01"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def log() -> wb.EventLog:
    return wb.simulate(customers=1500).event_log()


@pytest.fixture(scope="module")
def model(log: wb.EventLog) -> wb.ChurnModel:
    return wb.ChurnModel().fit(log, until=UNTIL)


@pytest.fixture(scope="module")
def page(log: wb.EventLog, model: wb.ChurnModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    model.report(log.at(AT), path, control_share=0.3, tests=2, draws=50)
    return path


def test_the_page_has_the_figures_of_the_other_methods(
    log: wb.EventLog, model: wb.ChurnModel, page: Path
) -> None:
    text = page.read_text(encoding="utf-8").replace("\u00a0", " ")
    scores = model.score(log.at(AT))
    for state in ("active", "lapsed", "lost"):
        assert f"<b>{scores.figures[state]:,}</b>" in text
    high = scores.to_polars().filter(
        (pl.col("state") == "active") & (pl.col("churn_probability") >= 0.5)
    )
    assert f"<b>{high.height:,}</b><span>active customers likelier to leave" in text
    candidates = model.candidates(log.at(AT), top=20, control_share=0.3).to_polars()
    for row in candidates.iter_rows(named=True):
        assert f">{row['customer_id']}</th>" in text
        assert f">{row['expected_value']:.2f}</td>" in text
    marked = candidates.filter(pl.col("arm") == "control").height
    assert text.count(">leave alone</td>") == marked


def test_it_is_the_same_again_and_speaks_two_languages(
    log: wb.EventLog, model: wb.ChurnModel, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.html", tmp_path / "other.htm"
    for path in (one, other):
        model.report(log.at(AT), path, language="ru", tests=1, draws=20)
    assert one.read_bytes() == other.read_bytes()
    assert "Кого можно вернуть" in one.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.html", "other.htm"]


def test_what_cannot_be_is_refused_and_nothing_is_written(
    log: wb.EventLog, model: wb.ChurnModel, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    refused: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"top": 0}, ValueError, "top: expected 1 to 200, for score"),
        ({"top": 2.5}, TypeError, "top: expected an int"),
        ({"control_share": 1}, ValueError, "control_share: expected "),
        ({"language": "de"}, ValueError, "language"),
        ({"tests": 25}, ValueError, "tests: expected at most 24"),
        ({"test_stride": "0d"}, ValueError, "test_stride: expected "),
        ({"test_stride": "x"}, ValueError, "test_stride"),
        ({"draws": 10**6}, ValueError, "draws"),
        ({"salt": 3}, TypeError, "salt: expected a str"),
    ]
    for arguments, error, message in refused:
        with pytest.raises(error, match=re.escape(message)):
            model.report(log.at(AT), path, **arguments)
    model.save(tmp_path / "churn.winback")
    before = (tmp_path / "churn.winback").read_bytes()
    with pytest.raises(ValueError, match=r"ending in \.html"):
        model.report(log.at(AT), tmp_path / "churn.winback")
    assert (tmp_path / "churn.winback").read_bytes() == before
    with pytest.raises(OSError):
        model.report(log.at(AT), tmp_path / "none" / "report.html")
    with pytest.raises(wb.NotFittedError):
        wb.ChurnModel().report(log.at(AT), path)
    assert [path.name for path in tmp_path.iterdir()] == ["churn.winback"]


def test_an_ended_report_leaves_the_file_as_it_was(
    log: wb.EventLog, model: wb.ChurnModel, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text("as it was")

    def stop(what: str, done: int, of: int) -> None:
        raise RuntimeError("enough")

    def interrupt(what: str, done: int, of: int) -> None:
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.3)

    for progress, error in [(stop, RuntimeError), (interrupt, KeyboardInterrupt)]:
        model.progress = progress
        with pytest.raises(error):
            model.report(log.at(AT), path, tests=0)
    model.progress = None
    assert path.read_text() == "as it was"


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("WINBACK_REQUIRE_CHROMIUM") == "1":
            pytest.fail("no Chromium is installed (and WINBACK_REQUIRE_CHROMIUM=1)")
        pytest.skip("no Chromium is installed")
    return found


Browse = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def browse(chromium: str, tmp_path: Path) -> Browse:
    """Opens a file in a browser without a window, with a profile of its own."""

    def browse(path: Path | str, *options: str) -> subprocess.CompletedProcess[str]:
        address = path.as_uri() if isinstance(path, Path) else path
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            # Neither the page nor the browser reaches anything but this computer.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--timeout=20000",
        ]
        command = [chromium, *flags, *options, address]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    return browse


# A frame of a phone's width in a page of our own, which may look into it and says what it saw.
PROBE = """<!DOCTYPE html><title>probe</title>
<iframe id="frame" style="width:{width}px;height:800px;border:0" srcdoc="{page}"></iframe>
<pre id="seen"></pre>
<script>
addEventListener("load", () => {{
  const page = document.getElementById("frame").contentDocument;
  page.querySelectorAll("details").forEach(each => each.open = true);
  const inside = element => element.closest(".scroll, thead, svg");
  const wide = [...page.body.querySelectorAll("*")]
    .filter(e => !inside(e) && e.getBoundingClientRect().right > {width} + 0.5)
    .map(e => e.tagName + " " + (e.className || "") + " " + e.textContent.slice(0, 40));
  document.getElementById("seen").textContent = JSON.stringify({{
    width: page.documentElement.scrollWidth,
    wide: wide,
    headings: [...page.querySelectorAll("h1, h2")].map(e => e.textContent),
    pictures: [...page.querySelectorAll("svg")].map(e => e.getBoundingClientRect().width),
    small: [...page.querySelectorAll("svg text")].filter(e => e.getBoundingClientRect().height < 9)
      .length,
    cut: [...page.querySelectorAll("svg text")].filter(e => {{
      const text = e.getBoundingClientRect(), picture = e.closest("svg").getBoundingClientRect();
      return text.left < picture.left - 1 || text.right > picture.right + 1
        || text.bottom > picture.bottom + 1;
    }}).map(e => e.textContent),
  }});
}});
</script>"""


def seen(browse: Browse, page: Path, width: int, folder: Path) -> dict[str, Any]:
    probe = folder / f"probe{width}.html"
    escaped = html.escape(page.read_text(encoding="utf-8"))
    probe.write_text(PROBE.format(width=width, page=escaped), encoding="utf-8")
    dumped = browse(probe, "--dump-dom", "--virtual-time-budget=3000").stdout
    found = re.search(r'<pre id="seen">(.*?)</pre>', dumped, re.S)
    assert found, dumped[-500:]
    values: dict[str, Any] = json.loads(html.unescape(found[1]))
    return values


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [360, 800, 1000, 1280])
def test_nothing_is_wider_than_the_screen(
    log: wb.EventLog,
    model: wb.ChurnModel,
    browse: Browse,
    tmp_path: Path,
    width: int,
    language: Any,
) -> None:
    path = tmp_path / "report.html"
    model.report(log.at(AT), path, language=language, control_share=0.3, tests=1, draws=20)
    values = seen(browse, path, width, tmp_path)
    assert values["wide"] == []
    assert values["width"] <= width
    assert len(values["headings"]) == 13
    assert len(values["pictures"]) >= 6
    assert values["small"] == 0 and values["cut"] == []


def requests(path: Path) -> set[str]:
    """What a page asked a network for; what the browser asks by itself has no origin."""
    found = set()
    for event in json.loads(path.read_text())["events"]:
        params = event.get("params", {})
        by_page = params.get("initiator", "not an origin") != "not an origin"
        if by_page and re.match(r"(https?|wss?|ftp):", params.get("url", "")):
            found.add(params["url"])
    return found


class Silent(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_the_page_asks_for_nothing_and_complains_of_nothing(
    browse: Browse, page: Path, tmp_path: Path
) -> None:
    logged = f"--log-net-log={tmp_path / 'net.json'}"
    opened = browse(page, "--dump-dom", logged)
    assert "<h1>Who is leaving, and whom to win back</h1>" in opened.stdout
    assert "CONSOLE" not in opened.stderr
    assert requests(tmp_path / "net.json") == set()

    # The same looks see a page that asks and complains.
    server = HTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/picture.png"
    bad = tmp_path / "bad.html"
    bad.write_text(f"<img src='{address}'><script>console.error('wrong')</script>")
    opened = browse(bad, "--dump-dom", logged)
    server.shutdown()
    server.server_close()
    assert "CONSOLE" in opened.stderr
    assert address in requests(tmp_path / "net.json")


def test_the_page_can_be_seen_and_printed(browse: Browse, page: Path, tmp_path: Path) -> None:
    pictures = []
    for name, options in [("light", []), ("dark", ["--blink-settings=preferredColorScheme=0"])]:
        target = tmp_path / f"{name}.png"
        browse(page, f"--screenshot={target}", "--window-size=1280,1600", *options)
        pictures.append(target.read_bytes())
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 20_000 for picture in pictures)
    assert pictures[0] != pictures[1]
    printed = tmp_path / "report.pdf"
    browse(page, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    assert printed.read_bytes().startswith(b"%PDF") and printed.stat().st_size > 20_000
