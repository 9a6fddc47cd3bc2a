"""The site of site.ts, crawled as one writes it by hand with aiohttp, aiofiles and lxml."""

import asyncio
import json
import sys
import urllib.robotparser
from urllib.parse import urldefrag, urljoin, urlsplit

import aiofiles
import aiohttp
import lxml.html

AGENT = "aiohttp-crawl"
TRANSIENT = {408, 429, 500, 502, 503, 504}


class Crawl:
    def __init__(self, order, session, output):
        self.retries = order["retries"]
        self.connections = order["connections"]
        self.session = session
        self.output = output
        # Each write runs in a thread of a pool: two at once tear each other's lines.
        self.writing = asyncio.Lock()
        self.queue = asyncio.Queue()
        self.seen = set()
        self.robots = {}
        for seed in order["seeds"]:
            self.add(seed)
        self.hosts = {urlsplit(seed).netloc for seed in order["seeds"]}

    def add(self, url):
        if url not in self.seen:
            self.seen.add(url)
            self.queue.put_nowait(url)

    async def run(self):
        workers = [asyncio.create_task(self.work()) for _ in range(self.connections)]
        await self.queue.join()
        for worker in workers:
            worker.cancel()

    async def work(self):
        while True:
            url = await self.queue.get()
            try:
                await self.visit(url)
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:
                print(f"failed: {url}: {error!r}", file=sys.stderr)
            finally:
                self.queue.task_done()

    async def visit(self, url):
        if not (await self.rules_of(url)).can_fetch(AGENT, url):
            return
        html = await self.fetch(url)
        page = lxml.html.fromstring(html)
        row = {
            "url": url,
            "title": page.findtext(".//title"),
            "price": page.xpath("string(//*[@class='price'])"),
        }
        async with self.writing:
            await self.output.write(json.dumps(row, ensure_ascii=False) + "\n")
        for href in page.xpath("//a/@href"):
            target = urldefrag(urljoin(url, href)).url
            if urlsplit(target).netloc in self.hosts:
                self.add(target)

    async def fetch(self, url):
        for attempt in range(self.retries + 1):
            async with self.session.get(url) as response:
                if response.status in TRANSIENT and attempt < self.retries:
                    continue
                response.raise_for_status()
                return await response.text()

    async def rules_of(self, url):
        """One robots.txt for each host; whoever comes second waits for the first."""
        origin = urljoin(url, "/")
        if origin not in self.robots:
            self.robots[origin] = asyncio.create_task(self.fetch_robots(origin))
        return await self.robots[origin]

    async def fetch_robots(self, origin):
        rules = urllib.robotparser.RobotFileParser()
        async with self.session.get(urljoin(origin, "/robots.txt")) as response:
            rules.parse((await response.text()).splitlines() if response.status == 200 else [])
        return rules


async def main():
    order = json.loads(sys.argv[1])
    connector = aiohttp.TCPConnector(limit=order["connections"])
    headers = {"User-Agent": AGENT}
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
        async with aiofiles.open(order["rowsPath"], "w", encoding="utf-8") as output:
            await Crawl(order, session, output).run()


asyncio.run(main())
