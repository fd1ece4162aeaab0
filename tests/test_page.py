"""`datasheet.html` in a real browser: nothing is loaded, nothing complains, everything opens."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sites import ROOT

from broadsheet.describe.pictures import PICTURES

SHOTS = ROOT / "build" / "screenshots"


def _browser() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


pytestmark = pytest.mark.skipif(
    _browser() is None, reason="no Chromium here: apt-get install chromium, or set CHROMIUM"
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The debugging port of a browser of our own, which ends with the tests."""
    folder = tmp_path_factory.mktemp("browser")
    command = [str(_browser()), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               "--no-first-run",               "--remote-debugging-port=0", "--remote-allow-origins=*",
               f"--user-data-dir={folder}", "about:blank"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        file = folder / "DevToolsActivePort"
        for _ in range(600):
            if file.exists() and file.read_text().count("\n"):
                break
            time.sleep(0.1)
        yield int(file.read_text().split("\n")[0])
        process.terminate()


class _Tab:
    """One tab, asked by the browser's own protocol; `said` is all that it logs, `asked` every address that it wants."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._n = socket, 0
        self.said: list[str] = []
        self.asked: list[str] = []

    async def __call__(self, method: str, **params: Any) -> Any:
        self._n += 1
        await self._socket.send_json({"id": self._n, "method": method, "params": params})
        while True:
            message = json.loads((await self._socket.receive()).data)
            if message.get("method") in {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}:
                self.said.append(json.dumps(message["params"]))
            if message.get("method") == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
            if message.get("id") == self._n:
                assert "error" not in message, message
                return message.get("result")

    async def value(self, expression: str) -> Any:
        return (await self("Runtime.evaluate", expression=expression, returnByValue=True))["result"].get("value")

    async def shoot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        shot = await self("Page.captureScreenshot", captureBeyondViewport=True)
        (SHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


async def _looked_at(port: int, page: Path, name: str) -> dict[str, Any]:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
            target = await answer.json()
        async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            tab = _Tab(socket)
            for domain in ("Log", "Runtime", "Network", "Page"):
                await tab(f"{domain}.enable")
            await tab("Page.navigate", url=page.as_uri())
            for _ in range(100):
                if await tab.value("document.readyState") == "complete" and await tab.value(
                    "!!document.querySelector('h1')"
                ):
                    break
                await asyncio.sleep(0.1)
            await tab.shoot(f"{name}-light")
            clicked = await tab.value(
                "[...document.querySelectorAll('summary')]"
                ".map(s => {s.click(); return s.parentElement.open}).every(x => x)"
            )
            jumps = await tab.value(
                "[...document.querySelectorAll('a[href]')]"
                ".every(a => document.getElementById(a.getAttribute('href').slice(1)) !== null)"
            )
            named = await tab.value(
                "[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-labelledby').split(' ')"
                ".every(i => document.getElementById(i) && document.getElementById(i).textContent))"
            )
            clipped = await tab.value(_CLIPPED)
            keys = await _by_keyboard(tab)
            await tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
            dark = await tab.value("getComputedStyle(document.body).backgroundColor")
            await tab.shoot(f"{name}-dark")
            await tab("Emulation.setDeviceMetricsOverride", width=375, height=700, deviceScaleFactor=1, mobile=True)
            wide = await tab.value("document.documentElement.scrollWidth")
            small = await tab.value(
                "Math.min(...[...document.querySelectorAll('svg text')]"
                ".map(t => t.getBoundingClientRect().height / t.getBBox().height * 13))"
            )
            await tab.shoot(f"{name}-phone")
            await tab("Emulation.setEmulatedMedia", media="print", features=[])
            printed = await tab("Page.printToPDF")
            return {
                "said": tab.said, "asked": tab.asked, "clicked": clicked, "jumps": jumps, "named": named, "dark": dark,
                "clipped": clipped, "keys": keys, "small": small,
                "wide": wide, "printed": len(printed["data"]), "alert": await tab.value("window.hit === undefined"),
                "pictures": await tab.value("document.querySelectorAll('svg').length"),
            }  # fmt: skip


_CLIPPED = """
[...document.querySelectorAll('svg')].flatMap(s => {
  const outer = s.getBoundingClientRect();
  const texts = [...s.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
  const out = texts.filter(([t, b]) =>
    b.left < outer.left - 1 || b.right > outer.right + 1 || b.bottom > outer.bottom + 1);
  const wide = (b, c) => Math.min(b.right, c.right) - Math.max(b.left, c.left);
  const high = (b, c) => Math.min(b.bottom, c.bottom) - Math.max(b.top, c.top);
  const on = texts.filter(([t, b], k) => texts.slice(k + 1).some(([u, c]) => wide(b, c) > 1 && high(b, c) > 6));
  return [...out, ...on].map(([t, b]) => t.textContent);
})
"""
"""Labels of pictures that are cut off or lie on one another."""


async def _by_keyboard(tab: "_Tab") -> dict[str, Any]:
    """The page without a mouse: what has the focus shows it, a link to a measure opens it, and so does a key."""

    async def press(key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            await tab("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    await tab.value("document.querySelectorAll('details').forEach(d => d.open = false)")
    await tab.value("document.activeElement.blur(), window.scrollTo(0, 0)")
    await press("Tab", 9)
    first = await tab.value("document.activeElement.textContent")
    rings = set()
    for _ in range(12):
        await press("Tab", 9)
        rings.add(await tab.value("getComputedStyle(document.activeElement).outline.split(') ').pop()"))
    await tab.value("document.querySelector('figcaption a').focus()")
    await press("Enter", 13)
    shown = await tab.value(
        "document.querySelector(document.querySelector('figcaption a').getAttribute('href')).closest('details').open"
    )
    await tab.value("document.querySelector('summary').focus()")
    before = await tab.value("document.activeElement.parentElement.open")
    await press("Enter", 13)
    toggled = await tab.value("document.activeElement.parentElement.open") is not before
    return {"first": first, "rings": rings, "shown": shown, "toggled": toggled}


@pytest.mark.parametrize("name", ["harbour", "pictured"])
def test_the_page_in_a_browser(request: pytest.FixtureRequest, name: str, port: int) -> None:
    """No console message, no request but itself, every measure opens, every link leads somewhere, a phone need not
    scroll sideways, and the dark page is dark; labels are whole and apart, on a phone 9 pixels high or more; all can
    be done by keyboard. Screenshots are under build/.
    """
    page = request.getfixturevalue(name).path / "datasheet.html"
    found = asyncio.run(_looked_at(port, page, name))
    assert found["said"] == []
    assert {url for url in found["asked"] if not url.startswith("data:")} == {page.as_uri()}
    assert found["clicked"] is found["jumps"] is found["named"] is True
    assert found["dark"] == "rgb(22, 22, 22)"
    assert found["wide"] <= 375
    assert found["clipped"] == []
    assert found["small"] >= 9
    assert found["keys"] == {"first": "What to know before use", "rings": {"solid 3px"}, "shown": True, "toggled": True}
    assert found["pictures"] >= 5 if name == "harbour" else found["pictures"] == len(PICTURES)
    assert found["printed"] > 20_000
