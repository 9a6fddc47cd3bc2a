"""Parallel HTTP requests: six pages, three at a time, from a real server."""
import asyncio
import http.client


async def main():
    # The server answers when three requests are there: one by one would hang.
    three = asyncio.Barrier(3)

    async def answer(reader, writer):
        path = (await reader.readline()).split()[1].decode()
        while await reader.readline() != b"\r\n":
            pass
        await three.wait()
        status = "404 Not Found" if path == "/4" else "200 OK"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(path)}\r\n\r\n"
        writer.write((head + path).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    at_once = asyncio.Semaphore(3)

    # The standard library has no asynchronous HTTP client: a thread for each.
    def request(page):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", f"/{page}")
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return f"{response.status} {text}"

    async def get(page):
        async with at_once:
            return await asyncio.to_thread(request, page)

    async with server:
        answers = await asyncio.gather(*(get(page) for page in range(1, 7)))
    for line in answers:
        print(line)
    assert answers[2:4] == ["200 /3", "404 /4"]


asyncio.run(main())
