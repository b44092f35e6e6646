"""Scenarios of a real gRPC client: grpc_client.py SCENARIO TARGET [ARGUMENT...].

Messages are google.protobuf wrapper values (one field, number 1), coded here by hand.
Exits with 0 when everything was as it must be, with 77 when grpcio is missing.
"""
import sys
import threading

try:
    import grpc
except ImportError:
    sys.exit(77)

PATIENCE = 50
STATUS = {code.value[0]: code for code in grpc.StatusCode}


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def integer(number):
    return b"" if number == 0 else b"\x08" + varint(number)


def wrapped(value):
    data = value.encode() if isinstance(value, str) else value
    return b"" if not data else b"\x0a" + varint(len(data)) + data


def read_varint(data, at):
    shift = number = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def read_integer(data):
    return 0 if not data else read_varint(data, 1)[0]


def unwrapped(data):
    if not data:
        return b""
    length, at = read_varint(data, 1)
    assert len(data) == at + length, "wrapped value of wrong length"
    return data[at:]


def status_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), error.details()
    return grpc.StatusCode.OK, ""


def equal(actual, expected):
    assert actual == expected, "got %.300r, expected %.300r" % (actual, expected)


def echo(channel):
    for size in (0, 1, 100, 65536, 3_000_000):
        payload = bytes(i * 31 & 0xFF for i in range(min(size, 4096))) * (size // 4096 + 1)
        request = wrapped(payload[:size])
        equal(channel.unary_unary("/test.Calls/Echo")(request, timeout=PATIENCE), request)


def beyond_window(channel):
    request = wrapped(b"0123456789abcdef" * 750_000)
    equal(channel.unary_unary("/test.Calls/EchoLarge")(request, timeout=PATIENCE) == request, True)


def streams(channel):
    numbers = channel.unary_stream("/test.Calls/Count")(integer(5000), timeout=PATIENCE)
    equal([read_integer(n) for n in numbers], list(range(5000)))
    total = channel.stream_unary("/test.Calls/Sum")((integer(n) for n in range(1000)), timeout=PATIENCE)
    equal(read_integer(total), 499500)


def order(channel):
    count = 20_000
    requests = (wrapped(b"%d" % n) for n in range(count))
    answers = channel.stream_stream("/test.Calls/Chat")(requests, timeout=PATIENCE)
    equal([int(unwrapped(answer)) for answer in answers], list(range(count)))


def status_codes(channel):
    fail = channel.unary_unary("/test.Calls/Fail")
    for code in range(1, 17):
        text = "Nein, %d%% – gestört: 会議 🚫\n\x7f ende" % code
        equal(status_of(lambda: fail(wrapped("%d|%s" % (code, text)), timeout=PATIENCE)), (STATUS[code], text))
    code, details = status_of(lambda: fail(wrapped("3|" + "ä" * 5000), timeout=PATIENCE))
    equal((code, details), (grpc.StatusCode.INVALID_ARGUMENT, "ä" * 512))


def refusals(channel):
    request = wrapped(b"x")
    unimplemented = grpc.StatusCode.UNIMPLEMENTED
    for path in ("/test.Calls/Nothing", "/no.Such/Echo"):
        equal(status_of(lambda: channel.unary_unary(path)(request, timeout=PATIENCE))[0], unimplemented)
        stream = channel.stream_stream(path)
        equal(status_of(lambda: list(stream(iter([request]), timeout=PATIENCE)))[0], unimplemented)

    echo_call = channel.unary_unary("/test.Calls/Echo")
    large = wrapped(bytes(4 * 1024 * 1024))
    code, details = status_of(lambda: echo_call(large, timeout=PATIENCE))
    equal(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert "4194304" in details, details

    gzip = grpc.Compression.Gzip
    zeros = wrapped(bytes(10_000))
    equal(status_of(lambda: echo_call(zeros, compression=gzip, timeout=PATIENCE))[0], unimplemented)
    equal(status_of(lambda: echo_call(b"\x0a\x7fcut", timeout=PATIENCE))[0], grpc.StatusCode.INTERNAL)
    equal(echo_call(request, timeout=PATIENCE), request)


def metadata(channel):
    call = channel.unary_unary("/test.Calls/Metadata")
    answer = call(wrapped("x-trace"), metadata=[("x-trace", "abc")], timeout=PATIENCE)
    equal(unwrapped(answer), b"abc /test.Calls/Metadata")


def hold(channel, key, timeout=None):
    """A stream that stays open: the handler answers the first message and waits for a second."""
    done = threading.Event()

    def requests():
        yield wrapped(key)
        done.wait()

    call = channel.stream_stream("/test.Calls/Hold")(requests(), timeout=timeout)
    return call, done


def held(channel, key):
    call, _ = hold(channel, key)
    equal(unwrapped(next(call)), b"held")
    return call


def waiting(channel, key):
    """A stream of the server whose handler looks at nothing but the end of the call."""
    call = channel.unary_stream("/test.Calls/Wait")(wrapped(key))
    equal(unwrapped(next(call)), b"held")
    return call


def cancelled(call):
    call.cancel()
    equal(status_of(lambda: next(call))[0], grpc.StatusCode.CANCELLED)


def cancel(channel, key):
    cancelled(held(channel, key))


def cancel_wait(channel, key):
    cancelled(waiting(channel, key))


def deadline(channel, key):
    # Only what it is about counts, not how long it takes to connect.
    grpc.channel_ready_future(channel).result(PATIENCE)
    call, _ = hold(channel, key, timeout=2)
    equal(unwrapped(next(call)), b"held with deadline")
    equal(status_of(lambda: next(call))[0], grpc.StatusCode.DEADLINE_EXCEEDED)


def remain(call):
    """Waits to be killed, frozen or told by the server."""
    print("held", flush=True)
    print(status_of(lambda: next(call))[0].name, flush=True)


def stay(channel, key):
    remain(held(channel, key))


def wait(channel, key):
    remain(waiting(channel, key))


def many(channel, count):
    calls = [hold(channel, "many-%d" % n) for n in range(int(count))]
    for call, _ in calls:
        equal(unwrapped(next(call)), b"held")
    for _, done in calls:
        done.set()
    for call, _ in calls:
        equal(list(call), [])
        equal(call.code(), grpc.StatusCode.OK)


def health(channel):
    """Prints each status that Watch reports, until the call is ended."""
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    equal(read_integer(check(b"", timeout=PATIENCE)), 1)
    equal(status_of(lambda: check(wrapped("no.Such"), timeout=PATIENCE))[0], grpc.StatusCode.NOT_FOUND)
    watch = channel.unary_stream("/grpc.health.v1.Health/Watch")
    for answer in watch(wrapped("test.Calls"), timeout=PATIENCE):
        print(read_integer(answer), flush=True)


def main():
    scenario, target, *arguments = sys.argv[1:]
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(target, options) as channel:
        globals()[scenario](channel, *arguments)


if __name__ == "__main__":
    main()
