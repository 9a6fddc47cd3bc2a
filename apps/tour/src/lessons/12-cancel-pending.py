"""Tasks, a time limit, and an end for those that are still pending."""
import asyncio


async def main():
    cleaned = []

    async def ask(server, seconds):
        try:
            await asyncio.sleep(seconds)
            return server
        except asyncio.CancelledError:
            cleaned.append(server)
            raise

    async def refuse():
        raise ConnectionError("refused")

    tasks = [
        asyncio.create_task(job)
        for job in [ask("a", 0.05), ask("b", 10), refuse(), ask("d", 10)]
    ]
    _, pending = await asyncio.wait(tasks, timeout=0.2)
    for task in pending:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    answers = [one for one in results if isinstance(one, str)]
    errors = [one for one in results if isinstance(one, Exception)]
    print("answers:", *answers)
    print("errors:", *errors)
    print("cancelled, and cleaned up:", *sorted(cleaned))
    assert (answers, sorted(cleaned)) == (["a"], ["b", "d"])


asyncio.run(main())
