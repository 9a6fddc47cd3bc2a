%% What OTP's supervisor does with three children a, b and c, as lines of "scenario|event".
%% Run by record.ts, which keeps the lines in recording.json.
-module(scenarios).
-behaviour(supervisor).
-export([main/0, init/1, start_child/3, child/4, start_inner/3]).

main() ->
    [matrix(Strategy, Type, Others, Exit) ||
        Strategy <- [one_for_one, one_for_all, rest_for_one],
        Type <- [permanent, transient, temporary],
        Others <- [permanent, transient, temporary],
        Exit <- [normal, shutdown, {shutdown, because}, error, kill]],
    intensity(),
    failing_inits(),
    stops(),
    ended(),
    nested(),
    dynamic(),
    halt().

%% -- strategy x type of b x type of a and c x how b exits

matrix(Strategy, Type, Others, Exit) ->
    Name = io_lib:format("~s, b ~s, others ~s, b exits with ~s", [Strategy, Type, Others, word(Exit)]),
    run(Name, flags(Strategy, 3, 5), [spec(a, Others), spec(b, Type), spec(c, Others)],
        fun(Log, Sup) -> exit_child(Log, Sup, b, Exit) end).

%% -- intensity

intensity() ->
    Perm = [spec(a, permanent), spec(b, permanent), spec(c, permanent)],
    Crash = fun(Names) -> fun(Log, Sup) -> [exit_child(Log, Sup, N, error) || N <- Names] end end,
    run("intensity 3, b crashes 3 times", flags(one_for_one, 3, 5), Perm, Crash([b, b, b])),
    run("intensity 3, b crashes 4 times", flags(one_for_one, 3, 5), Perm, Crash([b, b, b, b])),
    run("intensity 3, a b c a crash", flags(one_for_one, 3, 5), Perm, Crash([a, b, c, a])),
    run("intensity 0, b crashes once", flags(one_for_one, 0, 5), Perm, Crash([b])),
    run("intensity 0, b is killed", flags(one_for_one, 0, 5), Perm,
        fun(Log, Sup) -> exit_child(Log, Sup, b, kill) end),
    run("one_for_all, intensity 2, b crashes twice", flags(one_for_all, 2, 5), Perm, Crash([b, b])),
    run("one_for_all, intensity 2, b crashes 3 times", flags(one_for_all, 2, 5), Perm, Crash([b, b, b])),
    run("rest_for_one, intensity 1, b crashes twice", flags(rest_for_one, 1, 5), Perm, Crash([b, b])),
    run("intensity 1, permanent b exits normally twice", flags(one_for_one, 1, 5), Perm,
        fun(Log, Sup) -> [exit_child(Log, Sup, b, normal) || _ <- [1, 2]] end),
    run("intensity 0, transient b exits normally", flags(one_for_one, 0, 5),
        [spec(a, permanent), spec(b, transient)],
        fun(Log, Sup) -> exit_child(Log, Sup, b, normal) end),
    run("intensity 0, temporary b crashes", flags(one_for_one, 0, 5),
        [spec(a, permanent), spec(b, temporary)], Crash([b])),
    run("intensity 1 in 1 s, b crashes twice with 3 s between", flags(one_for_one, 1, 1), Perm,
        fun(Log, Sup) ->
            exit_child(Log, Sup, b, error),
            timer:sleep(3000),
            exit_child(Log, Sup, b, error)
        end).

%% -- an init that fails at the start, and at a restart

failing_inits() ->
    Perm = [spec(a, permanent), spec(b, permanent), spec(c, permanent)],
    Fails = fun(Name, Count) -> fun(Log) -> plan(Log, Name, Count) end end,
    Crash = fun(Log, Sup) -> exit_child(Log, Sup, b, error) end,
    None = fun(_, _) -> ok end,
    [begin
        run(title("~s, init of b fails at the start", [S]), flags(S, 3, 5), Perm, None, Fails(b, now)),
        run(title("~s, init of b fails at 1 restart", [S]), flags(S, 3, 5), Perm, Crash, Fails(b, 1)),
        run(title("~s, init of b fails at 2 restarts", [S]), flags(S, 3, 5), Perm, Crash, Fails(b, 2)),
        run(title("~s, init of b fails at 3 restarts", [S]), flags(S, 3, 5), Perm, Crash, Fails(b, 3)),
        run(title("~s, init of c fails at 1 restart, b crashes", [S]), flags(S, 3, 5), Perm, Crash, Fails(c, 1)),
        run(title("~s, init of c fails at 3 restarts, b crashes", [S]), flags(S, 3, 5), Perm, Crash, Fails(c, 3)),
        run(title("~s, init of a fails at 1 restart, b crashes", [S]), flags(S, 3, 5), Perm, Crash, Fails(a, 1))
     end || S <- [one_for_one, one_for_all, rest_for_one]].

%% -- how a supervisor stops

stops() ->
    Perm = [spec(a, permanent), spec(b, permanent), spec(c, permanent)],
    Stop = fun(Log, Sup) -> shut(Log, Sup) end,
    run("the supervisor is stopped", flags(one_for_one, 3, 5), Perm, Stop),
    run("the supervisor is stopped, b ignores it for longer than its shutdown", flags(one_for_one, 3, 5),
        [spec(a, permanent), stubborn(spec(b, permanent)), spec(c, permanent)], Stop),
    run("the supervisor is stopped, b has brutal_kill", flags(one_for_one, 3, 5),
        [spec(a, permanent), (spec(b, permanent))#{shutdown := brutal_kill}, spec(c, permanent)], Stop),
    run("one_for_all, a crashes, b ignores its stop", flags(one_for_all, 3, 5),
        [spec(a, permanent), stubborn(spec(b, permanent)), spec(c, permanent)],
        fun(Log, Sup) -> exit_child(Log, Sup, a, error) end).

%% -- children that have ended before others are restarted with them

ended() ->
    [begin
        run(title("~s, transient c has ended, b crashes", [S]), flags(S, 3, 5),
            [spec(a, permanent), spec(b, permanent), spec(c, transient)],
            fun(Log, Sup) -> exit_child(Log, Sup, c, normal), exit_child(Log, Sup, b, error) end),
        run(title("~s, c was stopped through the supervisor, b crashes", [S]), flags(S, 3, 5),
            [spec(a, permanent), spec(b, permanent), spec(c, permanent)],
            fun(Log, Sup) -> ok = supervisor:terminate_child(Sup, c), exit_child(Log, Sup, b, error) end),
        run(title("~s, c was deleted, b crashes", [S]), flags(S, 3, 5),
            [spec(a, permanent), spec(b, permanent), spec(c, permanent)],
            fun(Log, Sup) ->
                ok = supervisor:terminate_child(Sup, c), ok = supervisor:delete_child(Sup, c),
                exit_child(Log, Sup, b, error)
            end)
     end || S <- [one_for_one, one_for_all, rest_for_one]].

%% -- a supervisor as a child

nested() ->
    Children = [spec(a, permanent), inner(permanent, 0), spec(z, permanent)],
    run("nested: the inner one exceeds, the outer one restarts it", flags(one_for_one, 3, 5), Children,
        fun(Log, _) -> exit_named(Log, b, error) end),
    run("nested: the inner one exceeds twice, and so does the outer one", flags(one_for_one, 1, 5), Children,
        fun(Log, _) -> exit_named(Log, b, error), exit_named(Log, b, error) end),
    run("nested: rest_for_one restarts what is after the inner one", flags(rest_for_one, 3, 5), Children,
        fun(Log, _) -> exit_named(Log, b, error) end),
    run("nested: transient, exceeding is no reason to restart it", flags(one_for_one, 3, 5),
        [spec(a, permanent), inner(transient, 0), spec(z, permanent)],
        fun(Log, _) -> exit_named(Log, b, error) end),
    run("nested: the outer one is stopped", flags(one_for_one, 3, 5), Children,
        fun(Log, Sup) -> shut(Log, Sup) end).

inner(Type, Intensity) ->
    #{id => inner, restart => Type, shutdown => infinity, type => supervisor,
      start => {?MODULE, start_inner, [log, flags(one_for_one, Intensity, 5), [spec(b, permanent), spec(c, permanent)]]}}.

start_inner(Log, Flags, Specs) ->
    Log ! {event, "start inner"},
    supervisor:start_link(?MODULE, {Log, Flags, Specs}).

%% -- children that come and go

dynamic() ->
    Two = [spec(a, permanent), spec(b, permanent)],
    run("dynamic: a child that is added is the last", flags(one_for_one, 3, 5), Two,
        fun(Log, Sup) -> {ok, _} = supervisor:start_child(Sup, bind(Log, spec(c, permanent))), shut(Log, Sup) end),
    run("dynamic: a name that is taken", flags(one_for_one, 3, 5), Two,
        fun(Log, Sup) ->
            {error, {Why, _}} = supervisor:start_child(Sup, bind(Log, spec(b, permanent))),
            event(Log, "refused ~p", [Why])
        end),
    run("dynamic: an init that fails adds nothing", flags(one_for_one, 3, 5), Two,
        fun(Log, Sup) ->
            plan(Log, c, now),
            {error, _} = supervisor:start_child(Sup, bind(Log, spec(c, permanent))),
            event(Log, "refused", [])
        end),
    run("dynamic: a child that is stopped is not restarted", flags(one_for_one, 0, 5),
        [spec(a, permanent), spec(b, permanent), spec(c, permanent)],
        fun(_, Sup) -> ok = supervisor:terminate_child(Sup, b), ok = supervisor:delete_child(Sup, b) end),
    run("dynamic: rest_for_one counts the child that was added", flags(rest_for_one, 3, 5), Two,
        fun(Log, Sup) ->
            {ok, _} = supervisor:start_child(Sup, bind(Log, spec(c, permanent))),
            exit_child(Log, Sup, b, error)
        end).

%% -- running one scenario

run(Name, Flags, Specs, Body) -> run(Name, Flags, Specs, Body, fun(_) -> ok end).

run(Name, Flags, Specs, Body, Prepare) ->
    process_flag(trap_exit, true),
    Title = lists:flatten(Name),
    Log = spawn_link(fun() -> log_loop(Title, #{}, #{}) end),
    Prepare(Log),
    case supervisor:start_link(?MODULE, {Log, Flags, Specs}) of
        {ok, Sup} ->
            Log ! {supervisor, Sup},
            Body(Log, Sup),
            settle(Log),
            case is_process_alive(Sup) of
                true ->
                    Children = lists:reverse(supervisor:which_children(Sup)),
                    event(Log, "supervisor lives with~s", [[[" ", atom_to_list(Id)] || {Id, Pid, _, _} <- Children, is_pid(Pid)]]),
                    quiet(Log),
                    shut(Log, Sup);
                false ->
                    receive {'EXIT', Sup, Reason} -> event(Log, "supervisor exits with ~s", [word(Reason)]) end
            end;
        {error, Reason} ->
            receive {'EXIT', _, _} -> ok after 0 -> ok end,
            event(Log, "supervisor does not start: ~s", [word(Reason)])
    end,
    settle(Log),
    Log ! {finish, self()},
    receive finished -> ok end.

shut(Log, Sup) ->
    exit(Sup, shutdown),
    receive {'EXIT', Sup, Reason} -> self() ! {'EXIT', Sup, Reason} end,
    settle(Log).

%% Waits until nothing was logged for 60 ms.
settle(Log) ->
    Before = count(Log),
    timer:sleep(60),
    case count(Log) of Before -> ok; _ -> settle(Log) end.

count(Log) -> Log ! {count, self()}, receive {count, N} -> N end.

exit_named(Log, Name, How) ->
    Log ! {pid, Name, self()},
    Pid = receive {pid, P} -> P end,
    case How of kill -> event(Log, "kill ~s", [Name]), exit(Pid, kill); _ -> Pid ! {exit, How} end,
    settle(Log).

exit_child(Log, _Sup, Name, How) -> exit_named(Log, Name, How).

%% -- the children

flags(Strategy, Intensity, Period) -> #{strategy => Strategy, intensity => Intensity, period => Period}.

spec(Name, Type) ->
    #{id => Name, restart => Type, shutdown => 1000, start => {?MODULE, start_child, [log, Name, polite]}}.

stubborn(Spec = #{start := {M, F, [Log, Name, _]}}) ->
    Spec#{shutdown := 50, start := {M, F, [Log, Name, stubborn]}}.

bind(Log, Spec = #{start := {M, F, [log | Rest]}}) -> Spec#{start := {M, F, [Log | Rest]}}.

init({Log, Flags, Specs}) -> {ok, {Flags, [bind(Log, Spec) || Spec <- Specs]}}.

start_child(Log, Name, Manner) -> proc_lib:start_link(?MODULE, child, [self(), Log, Name, Manner]).

child(Parent, Log, Name, Manner) ->
    process_flag(trap_exit, true),
    Log ! {may_start, Name, self()},
    receive
        {may_start, true} ->
            event(Log, "start ~s", [Name]),
            proc_lib:init_ack(Parent, {ok, self()}),
            loop(Parent, Log, Name, Manner);
        {may_start, false} ->
            event(Log, "init of ~s fails", [Name]),
            proc_lib:init_ack(Parent, {error, init_failed}),
            exit(init_failed)
    end.

loop(Parent, Log, Name, Manner) ->
    receive
        {exit, Reason} ->
            event(Log, "exit ~s ~s", [Name, word(Reason)]),
            exit(case Reason of error -> {error, []}; _ -> Reason end);
        {'EXIT', Parent, shutdown} when Manner =:= stubborn ->
            event(Log, "~s ignores its stop", [Name]),
            loop(Parent, Log, Name, Manner);
        {'EXIT', Parent, Reason} ->
            event(Log, "stop ~s", [Name]),
            exit(Reason)
    end.

%% -- the log: keeps order, prints, knows pids, and says whose init is to fail

event(Log, Format, Args) -> Log ! {event, io_lib:format(Format, Args)}, ok.
plan(Log, Name, Count) -> Log ! {plan, Name, Count}, ok.
quiet(Log) -> Log ! quiet, ok.

log_loop(Title, Pids, Plan) ->
    log_loop(Title, Pids, Plan, 0, true).

log_loop(Title, Pids, Plan, Count, Loud) ->
    receive
        {event, Text} ->
            Loud andalso io:format("~s|~s~n", [Title, Text]),
            log_loop(Title, Pids, Plan, Count + 1, Loud);
        {supervisor, _} ->
            Loud andalso io:format("~s|supervisor started~n", [Title]),
            log_loop(Title, Pids, Plan, Count + 1, Loud);
        {may_start, Name, Pid} ->
            Started = maps:is_key(Name, Pids),
            {Ok, Left} = case maps:get(Name, Plan, 0) of
                now -> {false, 0};
                0 -> {true, 0};
                N when Started -> {false, N - 1};
                N -> {true, N}
            end,
            Pid ! {may_start, Ok},
            log_loop(Title, Pids#{Name => Pid}, Plan#{Name => Left}, Count, Loud);
        {pid, Name, From} -> From ! {pid, maps:get(Name, Pids)}, log_loop(Title, Pids, Plan, Count, Loud);
        {plan, Name, N} -> log_loop(Title, Pids, Plan#{Name => N}, Count, Loud);
        {count, From} -> From ! {count, Count}, log_loop(Title, Pids, Plan, Count, Loud);
        quiet -> log_loop(Title, Pids, Plan, Count, false);
        {finish, From} -> From ! finished
    end.

title(Format, Args) -> io_lib:format(Format, Args).

word({shutdown, {failed_to_start_child, Id, _}}) -> title("~s failed to start", [Id]);
word({shutdown, because}) -> "shutdown because";
word(Word) when is_atom(Word) -> atom_to_list(Word).
