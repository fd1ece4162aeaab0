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

from broadsheet.build import Built

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
            await tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
            dark = await tab.value("getComputedStyle(document.body).backgroundColor")
            await tab.shoot(f"{name}-dark")
            await tab("Emulation.setDeviceMetricsOverride", width=375, height=700, deviceScaleFactor=1, mobile=True)
            wide = await tab.value("document.documentElement.scrollWidth")
            await tab.shoot(f"{name}-phone")
            await tab("Emulation.setEmulatedMedia", media="print", features=[])
            printed = await tab("Page.printToPDF")
            return {
                "said": tab.said, "asked": tab.asked, "clicked": clicked, "jumps": jumps, "named": named, "dark": dark,
                "wide": wide, "printed": len(printed["data"]), "alert": await tab.value("window.hit === undefined"),
                "pictures": await tab.value("document.querySelectorAll('svg').length"),
            }  # fmt: skip


def test_the_page_in_a_browser(harbour: Built, port: int) -> None:
    """No console message, no request but itself, every measure opens, every link leads somewhere, a phone need not
    scroll sideways, and the dark page is dark; screenshots are under build/.
    """
    page = harbour.path / "datasheet.html"
    found = asyncio.run(_looked_at(port, page, "harbour"))
    assert found["said"] == []
    assert {url for url in found["asked"] if not url.startswith("data:")} == {page.as_uri()}
    assert found["clicked"] is found["jumps"] is found["named"] is True
    assert found["dark"] == "rgb(22, 22, 22)"
    assert found["wide"] <= 375
    assert found["pictures"] >= 5
    assert found["printed"] > 20_000
