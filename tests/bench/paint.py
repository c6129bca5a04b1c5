"""What the web chat's first load weighs, and when something is there to see, on a slow phone.

The phone and its network are those of Lighthouse's mobile profile: a processor four times slower,
150 ms there and back, 1.6 Mbit/s down and 750 kbit/s up.
"""

from dataclasses import dataclass
from statistics import median

from playwright.async_api import Browser

from tests.support.browser import PHONE, chromium, person

LOADS = 5
_SLOWER = 4
_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
_PAINTED = """() => new Promise((found) => new PerformanceObserver((list) => {
    const first = list.getEntriesByName("first-contentful-paint")[0];
    if (first) found(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


@dataclass(frozen=True)
class FirstLoad:
    """Bytes that came over the network, and milliseconds until the first contentful paint."""

    weight: int
    painted: float


async def first_load(url: str) -> FirstLoad:
    """The middle of several first visits, each with an empty cache."""
    async with chromium() as browser:
        loads = [await _one(browser, url) for _ in range(LOADS)]
    return FirstLoad(max(load.weight for load in loads), median(load.painted for load in loads))


async def _one(browser: Browser, url: str) -> FirstLoad:
    async with person(browser, viewport=PHONE) as visitor:
        page = await visitor.new_page()
        devtools = await visitor.new_cdp_session(page)
        came = 0

        def count(event: dict[str, float]) -> None:
            nonlocal came
            came += int(event["encodedDataLength"])

        devtools.on("Network.loadingFinished", count)
        await devtools.send("Network.enable")
        await devtools.send("Network.emulateNetworkConditions", _NETWORK)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        await page.goto(url, wait_until="load")
        painted = float(await page.evaluate(_PAINTED))
        return FirstLoad(came, painted)
