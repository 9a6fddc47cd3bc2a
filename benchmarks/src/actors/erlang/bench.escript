#!/usr/bin/env escript
%% The process of one Erlang contender: one round to warm up, then the measured ones, then one line
%% of JSON.
%%
%% The counterpart of contender.bench.ts: same record out. The order is words, as this Erlang may be
%% too old to read JSON: the contender, the measure, the size to warm up, then SIZExROUNDS for each
%% size. A contender is `fun(Size, Timed) -> operations done`; what it does within `Timed` counts.
-module(bench).
-mode(compile).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

main([Contender, Measure, WarmUp | Parts]) ->
    Start = status_bytes("VmRSS:"),
    Run = contender(Contender),
    in_process(fun() -> Run(list_to_integer(WarmUp), fun(Work) -> Work() end) end),
    Samples = [sample(Run, Measure, Start, string:split(Part, "x")) || Part <- Parts],
    io:format("[~s]~n", [lists:join(",", Samples)]).

sample(Run, Measure, Start, [Size, Rounds]) ->
    Round = fun() -> measured_round(Run, list_to_integer(Size), Measure) end,
    Seen = [in_process(Round) || _ <- lists:seq(1, list_to_integer(Rounds))],
    [Done, Wall, Cpu, Resident] = [lists:sum(Column) || Column <- transpose(Seen, 4)],
    Lags = lists:sort(lists:append([lists:nth(5, Row) || Row <- Seen])),
    io_lib:format(
        "{\"done\":~b,\"wallSeconds\":~f,\"cpuSeconds\":~f,\"residentBytes\":~s,"
        "\"heapBytes\":null,\"lagSeconds\":~s,\"startBytes\":~b,\"peakBytes\":~b}",
        [
            Done,
            Wall / 1.0e9,
            Cpu / 1.0e3,
            if Measure =:= "memory" -> integer_to_list(Resident); true -> "null" end,
            if Measure =:= "lag" -> io_lib:format("~f", [percentile(Lags, 99)]); true -> "null" end,
            Start,
            status_bytes("VmHWM:")
        ]
    ).

transpose(Rows, Width) -> [[lists:nth(N, Row) || Row <- Rows] || N <- lists:seq(1, Width)].

percentile(Sorted, Percent) ->
    lists:nth(max(1, ceil(Percent / 100 * length(Sorted))), Sorted).

measured_round(Run, Size, Measure) ->
    Done = Run(Size, fun(Work) -> timed(Measure, Work) end),
    [Done | get(seen)].

timed(Measure, Work) ->
    Lag = start_lag(Measure),
    ResidentAt = resident(Measure),
    {CpuAt, _} = statistics(runtime),
    WallAt = erlang:monotonic_time(nanosecond),
    Result = Work(),
    Wall = erlang:monotonic_time(nanosecond) - WallAt,
    {Cpu, _} = statistics(runtime),
    put(seen, [Wall, Cpu - CpuAt, resident(Measure) - ResidentAt, stop_lag(Lag)]),
    Result.

resident("memory") ->
    erlang:garbage_collect(),
    status_bytes("VmRSS:");
resident(_) ->
    0.

status_bytes(Key) ->
    {ok, Status} = file:read_file("/proc/self/status"),
    [_, After] = string:split(Status, Key),
    [Kilobytes | _] = string:lexemes(After, " \t\n"),
    binary_to_integer(Kilobytes) * 1024.

%% How late a timer of 5 ms is while the work runs, in seconds: as in meter.ts.
start_lag("lag") -> spawn_link(fun() -> lag([]) end);
start_lag(_) -> none.

stop_lag(none) ->
    [];
stop_lag(Timer) ->
    Timer ! {stop, self()},
    receive {lags, Lags} -> Lags end.

lag(Lags) ->
    Due = erlang:monotonic_time(nanosecond) + 5000000,
    erlang:send_after(5, self(), tick),
    receive
        tick -> lag([late(Due) | Lags]);
        {stop, Asker} -> Asker ! {lags, [late(Due) | Lags]}
    end.

late(Due) -> max(0, erlang:monotonic_time(nanosecond) - Due) / 1.0e9.

%% Each round has a process of its own, and so a heap of its own.
in_process(Work) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({done, Work()}) end),
    receive
        {'DOWN', Monitor, process, Pid, {done, Result}} -> Result;
        {'DOWN', Monitor, process, Pid, Reason} -> error(Reason)
    end.

%% The counter: a plain process, and the same as a gen_server.

counter(Sum) ->
    receive
        {add, N} -> counter(Sum + N);
        {add, N, From} ->
            From ! {self(), Sum + N},
            counter(Sum + N);
        stop -> ok
    end.

ask(Pid, N) ->
    Pid ! {add, N, self()},
    receive {Pid, Sum} -> Sum end.

call(Pid, N) -> gen_server:call(Pid, {add, N}).

init(Sum) -> {ok, Sum}.
handle_call({add, N}, _From, Sum) -> {reply, Sum + N, Sum + N}.
handle_cast({add, N}, Sum) -> {noreply, Sum + N}.

start_counter() -> spawn(fun() -> counter(0) end).

start_server() ->
    {ok, Pid} = gen_server:start(?MODULE, 0, []),
    Pid.

%% tell.ts

contender("tell, process") ->
    fun(Size, Timed) ->
        Pid = start_counter(),
        Handled = Timed(fun() ->
            repeat(Size, fun() -> Pid ! {add, 1} end),
            ask(Pid, 0)
        end),
        Pid ! stop,
        Handled
    end;
contender("tell, gen_server") ->
    fun(Size, Timed) ->
        Pid = start_server(),
        Handled = Timed(fun() ->
            repeat(Size, fun() -> gen_server:cast(Pid, {add, 1}) end),
            gen_server:call(Pid, {add, 0}, infinity)
        end),
        gen_server:stop(Pid),
        Handled
    end;

%% ask.ts

contender("ask 1, process") -> asking(1, fun start_counter/0, fun ask/2);
contender("ask 1, gen_server") -> asking(1, fun start_server/0, fun call/2);
contender("ask 1000, process") -> asking(1000, fun start_counter/0, fun ask/2);
contender("ask 1000, gen_server") -> asking(1000, fun start_server/0, fun call/2);

%% pingPong.ts

contender("ping-pong") ->
    fun(Size, Timed) ->
        Pong = spawn_link(fun pong/0),
        Back = Timed(fun() -> ping(Size, Pong, 0) end),
        Pong ! stop,
        Back
    end;

%% spawn.ts and memory.ts

contender("spawn, process") -> spawning(fun start_counter/0, fun ask/2);
contender("spawn, gen_server") -> spawning(fun start_server/0, fun call/2);
contender("spawn + stop, process") -> stopping(fun start_counter/0, fun stop_counter/1);
contender("spawn + stop, gen_server") -> stopping(fun start_server/0, fun stop_server/1);
contender("memory, process") -> spawning(fun start_counter/0, fun ask/2);
contender("memory, gen_server") -> spawning(fun start_server/0, fun call/2);

%% lag.ts

contender("lag") ->
    fun(Size, Timed) -> Timed(fun() -> spin(Size) end) end.

spin(Size) ->
    self() ! spin,
    spin(Size, 1).

spin(Size, Size) ->
    receive spin -> Size end;
spin(Size, Spins) ->
    receive spin -> self() ! spin end,
    spin(Size, Spins + 1).

ping(0, _, Back) ->
    Back;
ping(Left, Pong, Back) ->
    Pong ! {ball, Back, self()},
    receive {ball, Back, Pong} -> ping(Left - 1, Pong, Back + 1) end.

pong() ->
    receive
        {ball, N, Ping} ->
            Ping ! {ball, N, self()},
            pong();
        stop -> ok
    end.

spawning(Start, Ask) ->
    fun(Size, Timed) ->
        Pids = Timed(fun() -> [Start() || _ <- lists:seq(1, Size)] end),
        Sums = [Ask(Pid, 1) || Pid <- Pids],
        [exit(Pid, kill) || Pid <- Pids],
        lists:sum(Sums)
    end.

stopping(Start, Stop) ->
    fun(Size, Timed) ->
        Pids = Timed(fun() ->
            Pids = [Start() || _ <- lists:seq(1, Size)],
            Monitors = [erlang:monitor(process, Pid) || Pid <- Pids],
            [Stop(Pid) || Pid <- Pids],
            [receive {'DOWN', Monitor, _, _, _} -> ok end || Monitor <- Monitors],
            Pids
        end),
        length([Pid || Pid <- Pids, not is_process_alive(Pid)])
    end.

stop_counter(Pid) -> Pid ! stop.
stop_server(Pid) -> gen_server:stop(Pid).

asking(Askers, Start, Ask) ->
    fun(Size, Timed) ->
        Pid = Start(),
        Sum = Timed(fun() ->
            if
                Askers =:= 1 ->
                    sum_of_answers(Size, Pid, Ask, 0);
                true ->
                    Shares = shares(Size, Askers),
                    Work = fun(Share) -> fun() -> sum_of_answers(Share, Pid, Ask, 0) end end,
                    lists:sum(in_processes([Work(Share) || Share <- Shares]))
            end
        end),
        exit(Pid, kill),
        if Sum =:= Size * (Size + 1) div 2 -> Size; true -> 0 end
    end.

sum_of_answers(0, _, _, Sum) -> Sum;
sum_of_answers(Times, Pid, Ask, Sum) -> sum_of_answers(Times - 1, Pid, Ask, Sum + Ask(Pid, 1)).

shares(Size, Parts) ->
    [Size div Parts + if N =< Size rem Parts -> 1; true -> 0 end || N <- lists:seq(1, Parts)].

in_processes(Works) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), Work()} end) || Work <- Works],
    [receive {Pid, Result} -> Result end || Pid <- Pids].

repeat(0, _) ->
    ok;
repeat(Times, Do) ->
    Do(),
    repeat(Times - 1, Do).
