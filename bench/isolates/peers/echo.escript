#!/usr/bin/env escript
%% Erlang processes: one trial. The first argument is shared or copied, the others are key=value; the answer is in lines
%% of JSON. Binaries above 64 bytes are shared between processes, not copied; with "copied" each receiver copies them.
-mode(compile).

main([How | Args]) ->
    R = maps:from_list([pair(A) || A <- Args]),
    Copy = case How of
               "shared" -> fun(B) -> B end;
               "copied" -> fun binary:copy/1
           end,
    measure(maps:get("measure", R), R, Copy).

pair(Arg) ->
    case string:split(Arg, "=") of
        ["measure", V] -> {"measure", V};
        [K, V] -> {K, list_to_integer(V)}
    end.

serve(Copy, Count) ->
    receive
        {From, B} ->
            From ! {self(), Copy(B)},
            serve(Copy, Count);
        {push, From, B, Ack} ->
            N = Count + byte_size(Copy(B)),
            case Ack of
                true -> From ! {self(), N};
                false -> ok
            end,
            serve(Copy, N);
        stop -> ok
    end.

ask(Pid, B, Copy) ->
    Pid ! {self(), B},
    receive {Pid, Got} -> Copy(Got) end.

start(Copy) ->
    Pid = spawn(fun() -> serve(Copy, 0) end),
    64 = byte_size(ask(Pid, hello(), Copy)),
    Pid.

%% finish ends a process and returns when it is gone.
finish(Pid) ->
    Ref = monitor(process, Pid),
    Pid ! stop,
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

hello() -> <<"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef">>.

payload(Size) ->
    Period = << <<((I * 7 + (I bsr 8) + 1) band 255)>> || I <- lists:seq(0, min(Size, 65536) - 1) >>,
    binary:copy(Period, Size div byte_size(Period)).

now_ns() -> erlang:monotonic_time(nanosecond).

measure("spawn", R, Copy) ->
    sample(R, fun() ->
                      Began = now_ns(),
                      Pid = start(Copy),
                      Took = now_ns() - Began,
                      finish(Pid),
                      Took
              end);
measure("lives", R, Copy) ->
    [finish(start(Copy)) || _ <- lists:seq(1, maps:get("warmup", R))],
    Me = self(),
    Began = now_ns(),
    Deadline = Began + maps:get("ms", R) * 1000000,
    [spawn(fun() -> Me ! {lived, live(Copy, Deadline, 0)} end) || _ <- lists:seq(1, maps:get("spawners", R))],
    Lived = lists:sum([receive {lived, N} -> N end || _ <- lists:seq(1, maps:get("spawners", R))]),
    say_rate(Lived, now_ns() - Began);
measure("roundtrip", R, Copy) ->
    Pid = start(Copy),
    P = payload(maps:get("size", R)),
    P = ask(Pid, P, Copy),
    sample(R, fun() ->
                      Began = now_ns(),
                      Got = ask(Pid, P, Copy),
                      Took = now_ns() - Began,
                      true = byte_size(Got) =:= byte_size(P),
                      Took
              end),
    finish(Pid);
measure("oneway", R, Copy) ->
    Pid = start(Copy),
    P = payload(maps:get("size", R)),
    Every = max(1, (4 bsl 20) div byte_size(P)),
    Before = push(Pid, P, Every, 0, 0, now_ns(), maps:get("warmup", R) div Every),
    Began = now_ns(),
    After = push(Pid, P, Every, Before, Before, Began + maps:get("ms", R) * 1000000, 1),
    say_rate(After - Before, now_ns() - Began),
    finish(Pid);
measure("memory", R, Copy) ->
    barrier("before"),
    All = [start(Copy) || _ <- lists:seq(1, maps:get("n", R))],
    barrier("after"),
    [finish(Pid) || Pid <- All].

live(Copy, Deadline, N) ->
    case now_ns() < Deadline of
        true -> finish(start(Copy)), live(Copy, Deadline, N + 1);
        false -> N
    end.

%% push sends batches until the deadline, AtLeast of them, two on their way at most (sending itself never waits), and
%% returns how many bytes have arrived.
push(Pid, P, Every, Sent, Arrived, Deadline, AtLeast) ->
    case AtLeast > 0 orelse now_ns() < Deadline of
        true ->
            [Pid ! {push, self(), P, I =:= Every} || I <- lists:seq(1, Every)],
            Now = Sent + Every * byte_size(P),
            Next = case Now - Arrived > Every * byte_size(P) of
                       true -> receive {Pid, N} -> N end;
                       false -> Arrived
                   end,
            push(Pid, P, Every, Now, Next, Deadline, AtLeast - 1);
        false when Arrived < Sent ->
            receive {Pid, N} -> push(Pid, P, Every, Sent, N, Deadline, 0) end;
        false -> Arrived
    end.

sample(R, One) ->
    [One() || _ <- lists:seq(1, maps:get("warmup", R))],
    Ns = take(One, maps:get("n", R), 0, now_ns() + maps:get("ms", R) * 1000000, []),
    io:format("{\"ns\":[~s]}~n", [lists:join(",", [integer_to_list(N) || N <- Ns])]).

take(_, N, N, _, Ns) -> lists:reverse(Ns);
take(One, N, Have, Deadline, Ns) ->
    case Have < 20 orelse now_ns() < Deadline of
        true -> take(One, N, Have + 1, Deadline, [One() | Ns]);
        false -> lists:reverse(Ns)
    end.

say_rate(Amount, Ns) -> io:format("{\"amount\":~b,\"seconds\":~f}~n", [Amount, Ns / 1.0e9]).

barrier(Name) ->
    erlang:garbage_collect(),
    io:format("{\"barrier\":\"~s\"}~n", [Name]),
    io:get_line("").
