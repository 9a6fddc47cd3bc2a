import { assert, describe, it as base } from "@effect/vitest"
import {
  Cause,
  Clock,
  Duration,
  Effect,
  Exit,
  Fiber,
  Latch,
  Random,
  Ref,
  Result,
  Scope,
  Stream
} from "effect"
import {
  HttpClient,
  type HttpClientError,
  HttpClientRequest,
  HttpServerResponse
} from "effect/http"
import { Dns, NetAddress } from "effect/net"
import { TestClock } from "effect/testing"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as SimNet from "../src/SimNet.ts"
import * as Simulation from "../src/Simulation.ts"
import { withSim } from "../src/Vitest.ts"

const it = withSim(base)

const text = (body: string) => () => Effect.succeed(HttpServerResponse.text(body))

const codeOf = (error: HttpClientError.HttpClientError): unknown =>
  error.reason.cause instanceof Error && Reflect.get(error.reason.cause, "code")

/** Each request answers with its number; the sums of a report hold. */
const sumOf = ({ aborted, active, answered, failed, refused }: SimNet.HostReport) =>
  aborted + active + answered + failed + refused

const read = (client: HttpClient.HttpClient, url: string) =>
  Effect.flatMap(client.get(url), (response) => response.text)

describe("SimNet", () => {
  it.effect("NET1: a request is answered by the handler of its host", () =>
    Effect.gen(function* () {
      const { client } = yield* SimNet.make({
        hosts: {
          "a.test": {
            handler: ({ headers, method, text, url }) =>
              text.pipe(
                Effect.orDie,
                Effect.map((body) =>
                  HttpServerResponse.text(`${method} ${headers["host"]} ${url} ${body}`)
                )
              )
          },
          "b.test:8080": { handler: text("b at 8080") },
          "b.test": { handler: text("b elsewhere") },
          "[::1]": { handler: text("loopback") },
          "10.0.0.1:8080": { handler: text("private") },
          "nothing.test": {},
          "secure.test:443": { handler: text("secure") }
        }
      })
      const request = HttpClientRequest.post("http://A.test:81/x?y=1#z").pipe(
        HttpClientRequest.bodyText("body")
      )
      const a = yield* client.execute(request)
      assert.strictEqual(yield* a.text, "POST a.test:81 /x?y=1 body")
      assert.strictEqual(a.url, "http://a.test:81/x?y=1")
      assert.strictEqual(yield* read(client, "http://b.test:8080/"), "b at 8080")
      assert.strictEqual(yield* read(client, "https://b.test/"), "b elsewhere")
      assert.strictEqual(yield* read(client, "http://[0:0::1]/"), "loopback")
      assert.strictEqual(yield* read(client, "http://10.0.0.1:8080/"), "private")
      assert.strictEqual(yield* read(client, "https://secure.test/"), "secure")
      assert.strictEqual((yield* client.get("http://nothing.test/")).status, 404)
      for (const url of ["http://10.0.0.1/", "http://10.0.0.2/"]) {
        assert.strictEqual(codeOf(yield* Effect.flip(client.get(url))), "ECONNREFUSED")
      }
      const nowhere = yield* Effect.flip(client.get("http://c.test/"))
      assert.strictEqual(codeOf(nowhere), "ENOTFOUND")
    })
  )

  it.effect("NET1: the layer provides the client and the names", () =>
    Effect.gen(function* () {
      const response = yield* HttpClient.get("http://a.test/")
      const dns = yield* Dns.Dns
      const [address] = yield* dns.lookup("a.test")
      const { report } = yield* SimNet.SimNet
      assert.strictEqual(NetAddress.formatIp(address), "11.0.0.1")
      assert.strictEqual(yield* response.text, "a")
      assert.strictEqual((yield* report("a.test")).requests, 1)
    }).pipe(Effect.provide(SimNet.layer({ hosts: { "a.test": { handler: text("a") } } })))
  )

  it.effect("NET2: a drip has the given sizes, and a pause before each piece", () =>
    Effect.gen(function* () {
      const { client } = yield* SimNet.make({
        hosts: {
          "slow.test": {
            handler: text("abcdef"),
            faults: { drip: { bytes: 4, pause: "1 second" } }
          },
          "pieces.test": {
            handler: text("a".repeat(100)),
            faults: { drip: { bytes: { min: 1, max: 3 } } }
          }
        }
      })
      const slow = yield* client.get("http://slow.test/")
      const arrived: Array<string> = []
      const reading = Stream.runForEach(Stream.decodeText(slow.stream), (piece) =>
        Effect.sync(() => arrived.push(piece))
      )
      const fiber = yield* Effect.forkChild(reading, { startImmediately: true })
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(arrived, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(arrived, ["abcd"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(arrived, ["abcd", "ef"])
      yield* Fiber.join(fiber)
      const pieces = yield* client.get("http://pieces.test/")
      const sizes = yield* Stream.runCollect(Stream.map(pieces.stream, ({ length }) => length))
      assert.strictEqual(
        sizes.reduce((sum, size) => sum + size),
        100
      )
      assert.deepStrictEqual([...new Set(sizes)].toSorted(), [1, 2, 3])
    })
  )

  it.effect("NET5: latency passes on the clock, and a range of it is picked by the seed", () =>
    Effect.gen(function* () {
      const latency = { min: "10 millis", max: "20 millis" } as const
      const latencies = Effect.gen(function* () {
        const { client } = yield* SimNet.make({ hosts: { "a.test": { latency } } })
        return yield* Effect.forEach(Array.from({ length: 50 }), () =>
          Effect.map(Effect.timed(client.get("http://a.test/")), ([time]) =>
            Duration.toMillis(time)
          )
        )
      })
      const run = (seed: number) =>
        Effect.map(Simulation.run(latencies, { seed }), ({ exit }) => Exit.getSuccess(exit))
      const first = yield* run(1)
      const times = first._tag === "Some" ? first.value : []
      assert.strictEqual(Math.min(...times), 10)
      assert.strictEqual(Math.max(...times), 20)
      assert.deepStrictEqual(yield* run(1), first)
      assert.notDeepEqual(yield* run(2), first)
    })
  )

  it.sim.each(["http://a.test/", "http://10.0.0.1/"])(
    "NET5: without latency a request of %s still lets others run",
    (url) =>
      Effect.gen(function* () {
        const { client } = yield* SimNet.make({ hosts: { "a.test": {} } })
        const others = yield* Ref.make(0)
        yield* Effect.forkChild(Ref.set(others, 1))
        yield* Effect.exit(client.get(url))
        assert.strictEqual(yield* Ref.get(others), 1)
      }),
    { order: "scheduled", preemption: 0, seeds: 1 }
  )

  it.effect("NET6: a half-open connection never answers, and a timeout ends it", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: {
          "head.test": { faults: { head: "hang" } },
          "body.test": { handler: text("abc"), faults: { body: "hang", afterBytes: 2 } }
        }
      })
      for (const host of ["head.test", "body.test"]) {
        const fiber = yield* read(client, `http://${host}/`).pipe(
          Effect.timeoutOption("1 hour"),
          Effect.forkChild({ startImmediately: true })
        )
        yield* TestClock.adjust("59 minutes")
        assert.strictEqual((yield* report(host)).active, 1)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "None")
        const { aborted, active } = yield* report(host)
        assert.deepStrictEqual({ aborted, active }, { aborted: 1, active: 0 })
      }
      assert.strictEqual((yield* report("body.test")).bytesSent, 2)
    })
  )

  it.effect("NET6: under simulation, waiting for one is a deadlock that names the host", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const { client } = yield* SimNet.make({ hosts: { "a.test": { faults: { head: "hang" } } } })
        yield* client.get("http://a.test/")
      })
      const { deadlock } = yield* Simulation.run(program, { seed: 1 })
      const [wait] = deadlock?.waits ?? []
      assert.deepInclude(wait?.resource, { kind: "SimNet", name: "a.test" })
    })
  )

  it.effect("NET7: a host that does not answer the connection times out after 10 seconds", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: { "a.test": { faults: { connect: "timeout" } } }
      })
      const fiber = yield* Effect.forkChild(Effect.flip(client.get("http://a.test/")), {
        startImmediately: true
      })
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual((yield* report("a.test")).active, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(codeOf(yield* Fiber.join(fiber)), "UND_ERR_CONNECT_TIMEOUT")
      assert.strictEqual((yield* report("a.test")).refused, 1)
    })
  )

  it.effect("NET8: a report counts requests by how they ended, with the times of each", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const { client, report } = yield* SimNet.make({
        hosts: {
          "a.test": {
            handler: ({ url }) =>
              Effect.as(url === "/wait" ? gate.await : Effect.void, HttpServerResponse.text("abc")),
            faults: SimNet.inTurn([undefined, { connect: "refuse" }, { head: "reset" }])
          }
        }
      })
      const get = (path: string) => Effect.exit(read(client, `http://a.test${path}`))
      yield* TestClock.adjust("5 seconds")
      yield* get("/1")
      yield* get("/2")
      yield* get("/3")
      const waiting = yield* Effect.forkChild(get("/wait"), { startImmediately: true })
      const leaving = yield* Effect.forkChild(get("/wait"), { startImmediately: true })
      yield* Effect.yieldNow
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(leaving)
      const unread = yield* client.get("http://a.test/unread")
      assert.deepInclude(yield* report("a.test"), {
        requests: 6,
        active: 2,
        activeMax: 2,
        answered: 1,
        failed: 1,
        refused: 1,
        aborted: 1,
        bytesSent: 3
      })
      yield* gate.open
      yield* Fiber.join(waiting)
      yield* unread.text
      const { exchanges } = yield* report("a.test")
      assert.deepStrictEqual(
        exchanges.map(({ endedAt, outcome, startedAt, url }) => [url, outcome, startedAt, endedAt]),
        [
          ["http://a.test/1", "answered", 5000, 5000],
          ["http://a.test/2", "refused", 5000, 5000],
          ["http://a.test/3", "failed", 5000, 5000],
          ["http://a.test/wait", "answered", 5000, 6000],
          ["http://a.test/wait", "aborted", 5000, 6000],
          ["http://a.test/unread", "answered", 6000, 6000]
        ]
      )
    })
  )

  it.effect("NET8: a report lists the last exchanges only", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({ hosts: { "a.test": {} }, exchangesMax: 3 })
      for (let path = 1; path <= 10; path++) yield* client.get(`http://a.test/${path}`)
      const { exchanges, requests } = yield* report("a.test")
      assert.strictEqual(requests, 10)
      assert.deepStrictEqual(
        exchanges.map(({ url }) => url),
        ["http://a.test/8", "http://a.test/9", "http://a.test/10"]
      )
    })
  )

  it.effect("NET8: an answer of no bytes is answered when its head has arrived", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({ hosts: { "a.test": { handler: text("") } } })
      yield* client.get("http://a.test/")
      assert.strictEqual((yield* report("a.test")).answered, 1)
    })
  )
  it.live(
    "NET8: an answer that nobody reads stays active, garbage or not; one that is read is let go",
    () =>
      Effect.gen(function* () {
        setFlagsFromString("--expose-gc")
        const collect: () => void = runInNewContext("gc")
        const { client, report } = yield* SimNet.make({
          hosts: { "a.test": { handler: text("abc") } }
        })
        yield* client.get("http://a.test/")
        const responses = yield* Effect.map(client.get("http://a.test/"), (response) => ({
          read: response.text,
          // The client wraps the response; only what it wraps is held.
          weak: new WeakRef(Reflect.get(response, "original"))
        }))
        const { weak } = yield* Effect.as(responses.read, { weak: responses.weak })
        responses.read = Effect.succeed("")
        // Finalizers run in a later turn of the host than the collection.
        for (let turn = 0; turn < 3; turn++) {
          yield* Effect.sleep(0)
          collect()
        }
        assert.isUndefined(weak.deref())
        assert.deepInclude(yield* report("a.test"), { active: 1, answered: 1, aborted: 0 })
      })
  )

  const world = SimNet.make({
    hosts: {
      "a.test": {
        handler: () => Effect.as(Effect.sleep("3 millis"), HttpServerResponse.text("abcdef")),
        latency: { min: 0, max: "5 millis" },
        faults: (_, nth) =>
          Effect.map(
            Random.nextIntBetween(0, 5),
            (pick): SimNet.Fault | undefined =>
              [
                undefined,
                { head: "reset" as const },
                { body: "close" as const, afterBytes: 2 },
                { body: "hang" as const, afterBytes: nth },
                { drip: { bytes: 1, pause: "1 millis" } as const },
                { connect: "refuse" as const }
              ][pick]
          )
      }
    }
  })
  const visits = (client: HttpClient.HttpClient) =>
    Effect.forEach(
      [1, 2, 3],
      () =>
        HttpClient.withScope(client)
          .get("http://a.test/")
          .pipe(
            Effect.flatMap((response) => response.text),
            Effect.scoped,
            Effect.timeout("12 millis"),
            Effect.exit
          ),
      { concurrency: 3 }
    )

  it.sim("NET9: whatever goes wrong, each request is counted once and ends", () =>
    Effect.gen(function* () {
      const { client, report } = yield* world
      yield* visits(client)
      const seen = yield* report("a.test")
      assert.strictEqual(seen.requests, 3)
      assert.strictEqual(sumOf(seen), 3)
      assert.strictEqual(seen.active, 0)
    })
  )
  it.sim.everyCancel(
    "NET9: a request that is interrupted anywhere frees its connection",
    Effect.map(world, ({ client, report }) => ({
      program: visits(client),
      observe: Effect.map(report("a.test"), ({ active }) => active),
      check: Effect.map(report("a.test"), (seen) => assert.strictEqual(sumOf(seen), seen.requests))
    })),
    { seeds: 3 }
  )

  it.effect("NET10: who stops reading a body early aborts the request", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: { "a.test": { handler: text("abc"), faults: { drip: { bytes: 1 } } } }
      })
      const response = yield* client.get("http://a.test/")
      yield* Stream.runDrain(Stream.take(response.stream, 1))
      const { aborted, active } = yield* report("a.test")
      assert.deepStrictEqual({ aborted, active }, { aborted: 1, active: 0 })
    })
  )

  it.effect("NET10: closing the scope of a request aborts it, its head or its body", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: {
          "head.test": { faults: { head: "hang" } },
          "body.test": { handler: text("abc") }
        }
      })
      const scoped = HttpClient.withScope(client)
      const body = yield* Effect.scoped(scoped.get("http://body.test/"))
      const error = yield* Effect.flip(body.text)
      assert.strictEqual(error.reason._tag, "DecodeError")
      assert.strictEqual((yield* report("body.test")).aborted, 1)
      const [head] = yield* Effect.scoped(
        Effect.tap(
          Effect.forkDetach(Effect.flip(scoped.get("http://head.test/")), {
            startImmediately: true
          }),
          () => Effect.yieldNow
        ).pipe(Effect.map((fiber) => [fiber]))
      )
      assert.strictEqual((yield* Fiber.join(head!)).reason._tag, "TransportError")
      assert.strictEqual((yield* report("head.test")).active, 0)
    })
  )

  it.effect("NET10: so does who stops reading before the scope is closed", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: { "a.test": { handler: text("abc"), faults: { drip: { bytes: 1 } } } }
      })
      const response = yield* HttpClient.withScope(client).get("http://a.test/")
      yield* Stream.runDrain(Stream.take(response.stream, 1))
      assert.strictEqual((yield* report("a.test")).aborted, 1)
    })
  )
  it.effect(
    "NET10: an answer of a handler that comes after the scope was closed does not arrive",
    () =>
      Effect.gen(function* () {
        const gate = yield* Latch.make()
        const handler = () => Effect.as(gate.await, HttpServerResponse.text("late"))
        const { client, report } = yield* SimNet.make({ hosts: { "a.test": { handler } } })
        const scope = yield* Scope.make()
        const asking = yield* HttpClient.withScope(client)
          .get("http://a.test/")
          .pipe(Effect.flip, Scope.provide(scope), Effect.forkChild({ startImmediately: true }))
        yield* Effect.yieldNow
        yield* Scope.close(scope, Exit.void)
        yield* gate.open
        assert.strictEqual((yield* Fiber.join(asking)).reason._tag, "TransportError")
        assert.strictEqual((yield* report("a.test")).active, 0)
      })
  )

  it.effect("NET11: a defect of a handler is one of the request; no answer hides it", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: { "a.test": { handler: () => Effect.die("handler") } }
      })
      const exit = yield* Effect.exit(client.get("http://a.test/"))
      assert.strictEqual(Exit.isFailure(exit) && Cause.squash(exit.cause), "handler")
      assert.strictEqual((yield* report("a.test")).failed, 1)
    })
  )
  it.effect.each([
    Stream.die("stream"),
    Stream.ensuring(Stream.fail("disk"), Effect.die("stream"))
  ])("NET11: a defect in the stream of an answer is one of who reads it, %#", (stream) =>
    Effect.gen(function* () {
      const body = HttpServerResponse.stream(stream)
      const { client } = yield* SimNet.make({
        hosts: { "a.test": { handler: () => Effect.succeed(body) } }
      })
      const exit = yield* Effect.exit(read(client, "http://a.test/"))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    })
  )

  it.effect("NET12: above `connectionsMax` connections a host refuses", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const handler = () => Effect.as(gate.await, HttpServerResponse.text("ok"))
      const { client, report } = yield* SimNet.make({
        hosts: { "a.test": { handler, connectionsMax: 2 } }
      })
      const fibers = yield* Effect.forEach([1, 2, 3], () =>
        Effect.forkChild(Effect.result(read(client, "http://a.test/")), { startImmediately: true })
      )
      yield* Effect.yieldNow
      yield* gate.open
      const results = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(results.map(Result.isSuccess), [true, true, false])
      assert.strictEqual(yield* read(client, "http://a.test/"), "ok")
      const { activeMax, refused } = yield* report("a.test")
      assert.deepStrictEqual({ activeMax, refused }, { activeMax: 3, refused: 1 })
    })
  )

  it.effect(
    "NET13: the answers to a name come in turn, the last one stays, each request asks",
    () =>
      Effect.gen(function* () {
        const { client, dns, report } = yield* SimNet.make({
          hosts: {
            "93.184.215.14": { handler: text("public") },
            "127.0.0.1": { handler: text("private") }
          },
          dns: { "rebinding.test": [["93.184.215.14"], ["127.0.0.1"]] }
        })
        const [checked] = yield* dns.lookup("rebinding.test")
        assert.strictEqual(NetAddress.formatIp(checked), "93.184.215.14")
        assert.strictEqual(yield* read(client, "http://rebinding.test/"), "private")
        assert.strictEqual(yield* read(client, "http://rebinding.test/"), "private")
        assert.strictEqual((yield* report("93.184.215.14")).requests, 0)
      })
  )
  it.effect("NET13: a function answers by the number of the question and the time", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      const { dns } = yield* SimNet.make({
        hosts: {},
        dns: {
          "a.test": ({ elapsed, nth }) => [`10.0.${nth}.${Duration.toSeconds(elapsed)}`, "::1"]
        }
      })
      const addresses = (family?: NetAddress.IpFamily) =>
        Effect.map(dns.lookup("a.test", { family }), (all) => all.map(NetAddress.formatIp))
      assert.deepStrictEqual(yield* addresses(), ["10.0.1.0", "::1"])
      yield* TestClock.adjust("7 seconds")
      assert.deepStrictEqual(yield* addresses("IPv4"), ["10.0.2.7"])
      const [record] = yield* dns.resolve("A.TEST.", "AAAA")
      assert.strictEqual(NetAddress.formatIp(record.address), "::1")
    })
  )

  it.effect("NET14: a name without an answer fails for its reason, a timeout after its time", () =>
    Effect.gen(function* () {
      const { client, dns } = yield* SimNet.make({
        hosts: { "a.test": {} },
        dns: { "gone.test": ["NotFound"], "slow.test": ["Timeout"], "a.test": ["ServerFailure"] },
        dnsLatency: "1 second",
        dnsTimeout: "8 seconds"
      })
      const look = Effect.fnUntraced(function* (name: string, seconds: number) {
        const both = Effect.all(
          [
            Effect.flip(dns.lookup(name)),
            Effect.flip(client.get(`http://${name}/`)),
            Clock.currentTimeMillis
          ],
          { concurrency: 2 }
        )
        const fiber = yield* Effect.forkChild(both, { startImmediately: true })
        yield* TestClock.adjust(Duration.seconds(seconds))
        const exit = fiber.pollUnsafe()
        if (exit === undefined || Exit.isFailure(exit)) return undefined
        const [dnsError, error] = exit.value
        return [dnsError.reason, error.reason._tag, codeOf(error)]
      })
      assert.deepStrictEqual(yield* look("nowhere.test", 1), [
        "NotFound",
        "TransportError",
        "ENOTFOUND"
      ])
      assert.deepStrictEqual(yield* look("gone.test", 1), [
        "NotFound",
        "TransportError",
        "ENOTFOUND"
      ])
      assert.deepStrictEqual(yield* look("a.test", 1), [
        "ServerFailure",
        "TransportError",
        "EAI_AGAIN"
      ])
      assert.isUndefined(yield* look("slow.test", 8))
      assert.deepStrictEqual(yield* look("slow.test", 9), [
        "Timeout",
        "TransportError",
        "EAI_AGAIN"
      ])
    })
  )

  it.effect("NET15: faults come in turn, or with a probability that the seed decides", () =>
    Effect.gen(function* () {
      const { client, report } = yield* SimNet.make({
        hosts: {
          "turn.test": { faults: SimNet.inTurn([{ head: "reset" }, undefined, { head: "close" }]) },
          "some.test": { faults: SimNet.sometimes(0.2, { head: "reset" }) }
        }
      })
      const outcomes = (url: string, times: number) =>
        Effect.forEach(Array.from({ length: times }), () =>
          Effect.map(Effect.exit(client.get(url)), Exit.isSuccess)
        )
      assert.deepStrictEqual(yield* outcomes("http://turn.test/", 4), [false, true, false, true])
      yield* outcomes("http://some.test/", 1000).pipe(Random.withSeed("a"))
      const { failed } = yield* report("some.test")
      assert.isAbove(failed, 150)
      assert.isBelow(failed, 250)
    })
  )

  const invalid: ReadonlyArray<readonly [SimNet.Options, string]> = [
    [{ hosts: { "a b": {} } }, "host a b is not a name"],
    [{ hosts: { "a.test": { address: "x" } } }, 'host a.test has "x", which is no IP address'],
    [{ hosts: { "10.0.0.1": {}, "a.test": { address: "10.0.0.1" } } }, "where another one is"],
    [{ hosts: {}, dns: { "a.test": [["x"]] } }, 'name a.test has "x", which is no IP address'],
    [{ hosts: { "a.test": { connectionsMax: 0 } } }, "connectionsMax"],
    [{ hosts: {}, exchangesMax: -1 }, "exchangesMax"]
  ]
  it.effect.each(invalid)("NET16: a network that cannot be is a defect, %#", ([options, message]) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(SimNet.make(options))
      const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(defect, SimNet.InvalidNet)
      assert.include(defect.message, message)
    })
  )
  it.effect("NET16: a drip of less than a byte is a defect", () =>
    Effect.gen(function* () {
      const faults = { drip: { bytes: { min: 0, max: 2 } } }
      const { client } = yield* SimNet.make({ hosts: { "a.test": { handler: text("a"), faults } } })
      const exit = yield* Effect.exit(read(client, "http://a.test/"))
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) instanceof SimNet.InvalidNet)
    })
  )
  it.effect("NET16: the report of a host that there is not is a defect", () =>
    Effect.gen(function* () {
      const { report } = yield* SimNet.make({ hosts: { "a.test": {} } })
      const exit = yield* Effect.exit(report("b.test"))
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) instanceof SimNet.InvalidNet)
    })
  )
})
